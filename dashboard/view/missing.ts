import type { Overview } from "../../fleet/overview/shape.ts";
import { h, type VNode } from "./h.ts";
import { Section } from "./parts.ts";
import { ago } from "./text.ts";

/** Says in the head of the page that not all could be read. */
export const Doubt = ({ overview: { unknown } }: { readonly overview: Pick<Overview, "unknown"> }): VNode | null =>
  unknown.length === 0
    ? null
    : h("a", { class: "doubt", href: "#missing" }, `Not read: ${unknown.map(({ what }) => what).join(", ")}`);

/** What could not be read, why, and of when what is shown of it is. */
export const Missing = ({
  overview: { unknown, at },
}: {
  readonly overview: Pick<Overview, "unknown" | "at">;
}): VNode | null =>
  unknown.length === 0
    ? null
    : h(
        Section,
        { id: "missing", title: "What could not be read", wide: true },
        ...unknown.map(({ what, why, command, asOf }) =>
          h(
            "p",
            { key: what, class: "unknown" },
            h("strong", null, what),
            `: ${why}. ${asOf ? `What is shown of it is of ${ago(asOf, at)}.` : "Nothing of it is shown."}`,
            command ? h("code", null, command) : null,
          ),
        ),
      );
