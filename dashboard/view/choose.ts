import type { SiteNow } from "../../fleet/overview/shape.ts";

/** What of the sites is shown. Empty: all. */
export interface Filter {
  /** Words that must all stand in host, zone, channel or commit. */
  readonly words: string;
  readonly verdict: "" | "pass" | "fail" | "inconclusive" | "none";
  readonly cell: string;
  readonly zone: string;
}

/** Nothing is left out. */
export const ALL: Filter = { words: "", verdict: "", cell: "", zone: "" };

/** A site with the text that is searched, made once. */
export interface Row {
  readonly site: SiteNow;
  readonly text: string;
}

/** Pure. */
export const rowOf = (site: SiteNow): Row => ({
  site,
  text: [site.host, site.channel, site.live ?? "", site.declared ?? "", site.reason ?? ""].join(" ").toLowerCase(),
});

const RANK: Readonly<Record<string, number>> = { fail: 0, inconclusive: 1, none: 2, pass: 3 };

/** The sites that a filter leaves, what fails first, then by host. Pure. */
export function chosen(rows: readonly Row[], { words, verdict, cell, zone }: Filter): Row[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const fits = ({ site, text }: Row) =>
    (verdict === "" || (site.verdict ?? "none") === verdict) &&
    (cell === "" || site.cell === cell) &&
    (zone === "" || site.zone === zone) &&
    wanted.every((word) => text.includes(word));
  const rank = ({ site }: Row) => RANK[site.verdict ?? "none"] ?? 2;
  return rows.filter(fits).sort((a, b) => rank(a) - rank(b) || (a.site.host < b.site.host ? -1 : 1));
}

/** The rows that are drawn: those in view and some beyond. Pure. @param height of a row, the same unit as `top` and `room` */
export function windowOf(
  count: number,
  height: number,
  top: number,
  room: number,
  beyond = 10,
): { from: number; to: number } {
  const from = Math.max(0, Math.min(count - 1, Math.floor(top / height)) - beyond);
  return { from, to: Math.min(count, Math.ceil((top + room) / height) + beyond) };
}
