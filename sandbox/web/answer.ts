import type { Service } from "../../catalog/index.ts";
import { destinationOf } from "./dns.ts";
import { documentRoot, findFile, isEmpty } from "./files.ts";
import { escapeHtml, page } from "./html.ts";
import { overview } from "./overview.ts";
import { refuse } from "./refusal.ts";
import type { LiveSite, WebSources } from "./sources.ts";

/** Header with the id of what is live: a deployment's at Vercel, a release's on the host. */
export const RELEASE_HEADER = "x-release";

/**
 * Answers one request by its host name, as the world would see it: DNS first, then Vercel or the host.
 *
 * @param port the server's own port, for the links of the overview
 */
export function answer(request: Request, sources: WebSources, port: number): Response {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Method not allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const url = new URL(request.url);
  const host = hostOf(request.headers.get("host") ?? url.host);
  const html = (request.headers.get("accept") ?? "").includes("text/html");
  if (isOwnAddress(host)) return own(url, sources, port);
  // Deployments' own addresses are Vercel's names, not ours: no DNS of the sandbox is asked.
  if (host.endsWith(".vercel.app")) return site(host, sources.liveAt(host), html);
  return byDns(host, url, sources, html);
}

function byDns(host: string, url: URL, sources: WebSources, html: boolean): Response {
  const destination = destinationOf(sources.dns, host);
  const service = sources.service(host);
  const live = sources.liveAt(host);
  switch (destination) {
    case "none":
      return refuse(service === undefined && live === undefined ? "unknown-host" : "no-dns-record", host, html);
    case "vercel":
      return live === undefined && service !== undefined
        ? refuse("dns-leads-elsewhere", host, html)
        : site(host, live, html);
    case "host":
      if (service !== undefined) return onHost(service, url, sources, html);
      return refuse(live === undefined ? "unknown-host" : "dns-leads-elsewhere", host, html);
  }
}

/** The host name of a request: without port, lower case, without a trailing dot and the suffix `.localhost`. */
export function hostOf(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/\.$/, "")
    .replace(/\.localhost$/, "");
}

function isOwnAddress(host: string): boolean {
  return host === "" || host === "localhost" || /^[\d.]+$/.test(host) || host.startsWith("[");
}

function own(url: URL, sources: WebSources, port: number): Response {
  if (url.pathname !== "/") return refuse("not-found", url.pathname, true);
  const query = {
    search: url.searchParams.get("q") ?? "",
    page: Number.parseInt(url.searchParams.get("page") ?? "1", 10) || 1,
  };
  return new Response(overview(sources, query, port), { headers: { "content-type": "text/html; charset=utf-8" } });
}

function site(host: string, live: LiveSite | undefined, html: boolean): Response {
  if (live === undefined) return refuse("domain-not-attached", host, html);
  if (live.redirect !== undefined) {
    const headers = { location: `https://${live.redirect.host}/`, server: "Vercel" };
    return new Response(null, { status: live.redirect.status, headers });
  }
  if (live.deployment === undefined) return refuse("no-deployment", host, html);
  const facts = [`Project ${live.project}`, `deployment ${live.deployment}`];
  if (live.commit !== undefined) facts.push(`commit ${live.commit}`);
  const body = page(host, `<h1>${escapeHtml(host)}</h1>\n<p>${escapeHtml(facts.join(", "))}</p>`);
  return new Response(body, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      server: "Vercel",
      "x-vercel-cache": "MISS",
      [RELEASE_HEADER]: live.deployment,
      ...(live.commit === undefined ? {} : { "x-commit": live.commit }),
    },
  });
}

function onHost(service: Service, url: URL, sources: WebSources, html: boolean): Response {
  const root = documentRoot(sources.hostTree, service);
  if (root === undefined) return refuse("no-release", service.host, html);
  const headers: Record<string, string> = root.release === undefined ? {} : { [RELEASE_HEADER]: root.release };
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return refuse("not-found", url.pathname, html, headers);
  }
  const found = findFile(sources.hostTree, root.path, path);
  switch (found.kind) {
    case "file":
      return new Response(found.body, { headers: { "content-type": found.type, ...headers } });
    case "slash":
      return new Response(null, { status: 301, headers: { location: `${url.pathname}/${url.search}`, ...headers } });
    case "php":
      return refuse("no-php", path, html, headers);
    case "forbidden":
      return refuse("forbidden", path, html, headers);
    case "missing":
      return missing(service, root.path, path, sources, html, headers);
  }
}

/** Programs are not run here; the health address of one that is uploaded says that it is there. */
function missing(
  service: Service,
  root: string,
  path: string,
  sources: WebSources,
  html: boolean,
  headers: Record<string, string>,
): Response {
  if (isEmpty(sources.hostTree, root)) return refuse("no-release", service.host, html, headers);
  if (path !== service.health.path || path === "/") return refuse("not-found", path, html, headers);
  const release = headers[RELEASE_HEADER] ?? null;
  return Response.json({ status: "ok", service: service.key, release }, { status: service.health.status, headers });
}
