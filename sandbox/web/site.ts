import { setTimeout as sleep } from "node:timers/promises";
import type { Live } from "../vercel/index.ts";
import { escapeHtml, page } from "./html.ts";
import { refuse } from "./refusal.ts";
import type { WebSources } from "./sources.ts";

/** Header with the id of what is live: a deployment's at Vercel, a release's on the host. */
export const RELEASE_HEADER = "x-release";

/** One request, as far as answering it needs. */
export interface Visit {
  /** Lower case, without port. */
  readonly host: string;
  readonly url: URL;
  /** Whether the client would rather have a page than text. */
  readonly html: boolean;
  /** The secret that lets it past deployment protection, if it sent one. */
  readonly bypass: string | undefined;
  /** The deployment that its page was loaded from, if it says so. */
  readonly from: string | undefined;
}

/** What Vercel's edge answers at a host. */
export async function site(visit: Visit, sources: WebSources): Promise<Response> {
  const { host, url, html } = visit;
  const live = sources.liveAt(host, visit);
  if (live === undefined) return refuse(sources.attached(host) ? "no-deployment" : "domain-not-attached", host, html);
  if (live.delayMs > 0) await sleep(live.delayMs);
  const edge = { server: "Vercel", "x-vercel-cache": "MISS" };
  if (live.redirect !== undefined) {
    const location = `https://${live.redirect}${url.pathname}${url.search}`;
    return new Response(null, { status: live.status, headers: { ...edge, location } });
  }
  const body = bodyOf(live);
  sources.visited(host, Buffer.byteLength(body));
  const headers = { ...edge, "content-type": "text/html; charset=utf-8", [RELEASE_HEADER]: live.deploymentId };
  const commit = live.tellsCommit ? { "x-commit": live.commit } : {};
  return new Response(body, { status: live.status, headers: { ...headers, ...commit } });
}

function bodyOf(live: Live): string {
  const host = escapeHtml(live.siteHost);
  const project = `<p>Project <code>${escapeHtml(live.projectName)}</code></p>`;
  switch (live.bodyKind) {
    case "empty":
    case "redirect":
      return "";
    case "protected":
      return page("Authentication required", "<h1>Authentication required</h1>");
    case "error":
      return page(`${live.status}`, `<h1>${live.status}: this page does not work</h1>`);
    case "wrong":
      return page(live.siteHost, `<h1>${host}</h1>\n${project}`);
    case "site":
      return page(
        live.siteHost,
        `<h1>${host}</h1>\n${project}\n<p>Release <code data-marker>${escapeHtml(live.marker)}</code>, deployment <code>${escapeHtml(live.deploymentId)}</code></p>`,
      );
  }
}
