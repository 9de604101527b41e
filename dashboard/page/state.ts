import type { Overview } from "../../fleet/overview/shape.ts";
import { type Row, rowOf } from "../view/choose.ts";
import type { Patch, Picture } from "../view/picture.ts";

/** What the page knows. */
export interface Known {
  readonly version: string;
  readonly everyMs: number;
  readonly overview: Overview;
  readonly rows: readonly Row[];
}

/** Takes the whole picture. Pure. */
export function whole({ version, everyMs, overview }: Picture): Known {
  return { version, everyMs, overview: { ...overview, sites: undefined }, rows: (overview.sites ?? []).map(rowOf) };
}

/** Takes a change. The rows stay the same list while no site has changed. Pure. */
export function patched({ everyMs, overview, rows }: Known, { version, parts, sites }: Patch): Known {
  const changed = new Map(sites.map((site) => [site.host, rowOf(site)]));
  const there = new Set(changed.size === 0 ? [] : rows.map(({ site }) => site.host));
  const added = [...changed].filter(([host]) => !there.has(host)).map(([, row]) => row);
  return {
    version,
    everyMs,
    overview: { ...overview, ...parts },
    rows: changed.size === 0 ? rows : [...rows.map((row) => changed.get(row.site.host) ?? row), ...added],
  };
}
