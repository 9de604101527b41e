import { type ComponentChildren, h, type VNode } from "./h.ts";

/** A whole document. @param script the page's program; a snapshot has none */
export const Frame = ({
  title,
  script,
  children,
}: {
  title: string;
  script?: string;
  children?: ComponentChildren;
}): VNode =>
  h(
    "html",
    { lang: "en" },
    h(
      "head",
      null,
      h("meta", { charset: "utf-8" }),
      h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      h("meta", { name: "color-scheme", content: "light dark" }),
      h("meta", { name: "referrer", content: "no-referrer" }),
      script
        ? null
        : h("meta", { "http-equiv": "content-security-policy", content: "default-src 'none'; style-src 'self'" }),
      h("title", null, title),
      h("link", { rel: "stylesheet", href: script ? "/style.css" : "style.css" }),
      script ? h("link", { rel: "icon", href: "/icon.svg", type: "image/svg+xml" }) : null,
      script ? h("script", { type: "module", src: script }) : null,
    ),
    h(
      "body",
      null,
      h(
        "div",
        { id: "app" },
        children ??
          h(
            "main",
            { class: "start" },
            h("h1", null, "sitefleet"),
            h(
              "noscript",
              null,
              h("p", null, "This page needs JavaScript. A snapshot that does not: sitefleet dashboard --export DIR"),
            ),
          ),
      ),
    ),
  );
