import { escapeHtml, page } from "./html.ts";
import type { Listed, WebSources } from "./sources.ts";

/** Rows a page of the table of sites. */
const ROWS = 100;

/** What the reader asked for in the overview's address. */
export interface OverviewQuery {
  /** Part of a host's name. */
  readonly search: string;
  /** From 1. */
  readonly page: number;
}

/** The sandbox at a glance: figures, addresses, services, sites (searchable, paged). */
export function overview(sources: WebSources, query: OverviewQuery, port: number): string {
  const services = sources.services().map(({ host, kind }) => ({ host, what: kind }));
  const term = query.search.trim().toLowerCase();
  const sites = sources.sites().filter(({ host, what }) => host.includes(term) || what.toLowerCase().includes(term));
  const pages = Math.max(1, Math.ceil(sites.length / ROWS));
  const current = Math.min(Math.max(1, query.page), pages);
  const shown = sites.slice((current - 1) * ROWS, current * ROWS);
  return page(
    "sitefleet sandbox",
    [
      "<h1>sitefleet sandbox</h1>",
      '<p class="soft">The vendors, the host and the sites of this page exist on this machine only.</p>',
      figures(sources.counts()),
      `<h2>Addresses</h2><ul>${Object.entries(sources.links()).map(addressItem).join("")}</ul>`,
      `<h2>Services</h2>${table("Services of the SSH host", "Kind", services, port)}`,
      "<h2>Sites</h2>",
      '<form role="search" method="get" action="/"><label for="q">Part of a name</label> ',
      `<input id="q" name="q" type="search" value="${escapeHtml(query.search)}"> <button>Search</button></form>`,
      `<p role="status">${sites.length} ${sites.length === 1 ? "host" : "hosts"}${term === "" ? "" : " found"}</p>`,
      table(`Hosts attached at Vercel, page ${current} of ${pages}`, "Project", shown, port),
      pageLinks(query.search, current, pages),
    ].join("\n"),
  );
}

function figures(counts: Readonly<Record<string, number>>): string {
  const items = Object.entries(counts).map(
    ([name, count]) => `<div><dt>${escapeHtml(name)}</dt><dd>${count.toLocaleString("en")}</dd></div>`,
  );
  return `<dl class="figures">${items.join("")}</dl>`;
}

function addressItem([name, url]: [string, string]): string {
  return `<li>${escapeHtml(name)}: <a href="${escapeHtml(url)}">${escapeHtml(url)}</a></li>`;
}

function table(caption: string, column: string, rows: readonly Listed[], port: number): string {
  if (rows.length === 0) return '<p class="soft">None yet.</p>';
  const body = rows.map(({ host, what }) => {
    // Browsers resolve every name under .localhost to this machine, so the links work without any DNS.
    const url = `http://${host.replace(/^\*\./, "any.")}.localhost:${port}/`;
    return `<tr><th scope="row"><a href="${escapeHtml(url)}">${escapeHtml(host)}</a></th><td>${escapeHtml(what)}</td></tr>`;
  });
  return [
    `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table>`,
    `<caption>${escapeHtml(caption)}</caption>`,
    `<thead><tr><th scope="col">Host</th><th scope="col">${escapeHtml(column)}</th></tr></thead>`,
    `<tbody>${body.join("")}</tbody></table></div>`,
  ].join("");
}

function pageLinks(search: string, current: number, pages: number): string {
  if (pages === 1) return "";
  const link = (to: number, text: string): string =>
    `<a href="/?${escapeHtml(new URLSearchParams({ q: search, page: String(to) }).toString())}">${text}</a>`;
  const parts = [
    current > 1 ? link(current - 1, "Previous page") : "",
    current < pages ? link(current + 1, "Next page") : "",
  ];
  return `<nav class="pages" aria-label="Pages of sites">${parts.join("")}</nav>`;
}
