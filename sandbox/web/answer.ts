import { join, posix } from "node:path";
import type { Service } from "../../model/index.ts";
import { destinationOf } from "./dns.ts";
import { type DocumentRoot, documentRoot, findFile, isEmpty } from "./files.ts";
import { overview } from "./overview.ts";
import { refuse } from "./refusal.ts";
import { RELEASE_HEADER, site, type Visit } from "./site.ts";
import type { WebSources } from "./sources.ts";

/**
 * Answers one request by its host name, as the world would see it: DNS first, then Vercel or the host.
 *
 * @param port the server's own port, for the links of the overview
 */
export async function answer(request: Request, sources: WebSources, port: number): Promise<Response> {
  const url = new URL(request.url);
  const host = hostOf(request.headers.get("host") ?? url.host);
  const html = (request.headers.get("accept") ?? "").includes("text/html");
  const visit: Visit = { host, url, html, bypass: bypassOf(request, url), from: fromOf(request, url) };
  const reads = request.method === "GET" || request.method === "HEAD";
  // Only programs take anything else, and only the host's are run.
  if (!reads && (isOwnAddress(host) || sources.service(host) === undefined)) return notAllowed();
  if (isOwnAddress(host)) return own(url, sources, port);
  // Deployments' own addresses are Vercel's names, not ours: no DNS of the sandbox is asked.
  if (host.endsWith(".vercel.app")) return site(visit, sources);
  return byDns(visit, sources, request);
}

function notAllowed(): Response {
  return new Response("Method not allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
}

function byDns(visit: Visit, sources: WebSources, request: Request): Response | Promise<Response> {
  const { host, html } = visit;
  const destination = sources.delegated(host) ? "vercel" : destinationOf(sources.dns, host);
  const service = sources.service(host);
  if (destination === "vercel") {
    const misled = service !== undefined && !sources.attached(host);
    return misled ? refuse("dns-leads-elsewhere", host, html) : site(visit, sources);
  }
  if (destination === "host" && service !== undefined) return onHost(service, visit, sources, request);
  const known = service !== undefined || sources.attached(host);
  if (!known) return refuse("unknown-host", host, html);
  return refuse(destination === "none" ? "no-dns-record" : "dns-leads-elsewhere", host, html);
}

/** Vercel takes the secret as a header or in the query: https://vercel.com/docs/deployment-protection */
function bypassOf(request: Request, url: URL): string | undefined {
  const name = "x-vercel-protection-bypass";
  return request.headers.get(name) ?? url.searchParams.get(name) ?? undefined;
}

/** Frameworks name the deployment that a page was loaded from: https://vercel.com/docs/skew-protection */
function fromOf(request: Request, url: URL): string | undefined {
  return request.headers.get("x-deployment-id") ?? url.searchParams.get("dpl") ?? undefined;
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

async function onHost(service: Service, visit: Visit, sources: WebSources, request: Request): Promise<Response> {
  const root = documentRoot(sources.hostTree, service);
  if (root === undefined) return refuse("no-release", service.host, visit.html);
  // A program answers its own addresses; all others are files.
  const program = await sources.applications?.answer(service, join(sources.hostTree, root.path), request);
  if (program === undefined) return fromFiles(service, root, visit, sources, request);
  if (root.release !== undefined) program.headers.set(RELEASE_HEADER, root.release);
  return program;
}

function fromFiles(
  service: Service,
  root: DocumentRoot,
  { url, html }: Visit,
  sources: WebSources,
  request: Request,
): Response | Promise<Response> {
  const headers: Record<string, string> = root.release === undefined ? {} : { [RELEASE_HEADER]: root.release };
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return refuse("not-found", url.pathname, html, headers);
  }
  const found = findFile(sources.hostTree, root.path, path);
  if (found.kind !== "php" && request.method !== "GET" && request.method !== "HEAD") return notAllowed();
  switch (found.kind) {
    case "file":
      return new Response(found.body, { headers: { "content-type": found.type, ...headers } });
    case "slash":
      return new Response(null, { status: 301, headers: { location: `${url.pathname}/${url.search}`, ...headers } });
    case "php": {
      if (sources.php === undefined) return refuse("no-php", path, html, headers);
      // By the links, as a web server hands it on: what PHP keeps of where they lead is PHP's own. So is what it says of itself.
      const script = posix.join(root.configured, found.script);
      const page = { script, root: root.configured, host: service.host, request };
      return sources.php.run(page).catch((error: unknown) => {
        console.error("php:", error);
        return refuse("php-failed", path, html, headers);
      });
    }
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
