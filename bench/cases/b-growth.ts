import { Estate } from "../estate/estate.ts";
import { observed } from "../estate/observed.ts";
import { changeSome, sampleSites } from "../estate/sites.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";
import { growthChecks } from "./b-checks.ts";

/** Sites that are changed, each in another cell. */
const CHANGED = 3;
const PROJECT = "vercel:index/project:Project";

/**
 * (b) The sample fleet at several sizes: how each operation grows.
 *
 * @param earlier rows of the same code at other sizes, which are compared with
 * @param save called after each size, so that a run that is stopped has not been for nothing
 */
export async function growth(
  sizes: Sizes,
  say: Say,
  earlier: readonly Row[],
  save: (outcome: { rows: Row[]; checks: Check[] }) => void,
) {
  let rows = earlier.filter(({ sites }) => !sizes.growth.includes(sites));
  let checks: Check[] = [];
  for (const count of sizes.growth) {
    rows = [...rows, ...(await oneSize(count, say))].sort((a, b) => a.sites - b.sites);
    checks = growthChecks(rows, [...new Set(rows.map(({ sites }) => sites))]);
    save({ rows, checks });
  }
  return { rows, checks };
}

async function oneSize(count: number, say: Say): Promise<Row[]> {
  const sites = sampleSites(count);
  const estate = await Estate.open(sites);
  const rows: Row[] = [];
  const step = async (operation: string, ...args: string[]) => {
    say(`${operation} of ${count} sites`);
    const { row, summary } = await observed(estate, { variant: "cells", operation, sites: count }, args);
    rows.push(row);
    return summary;
  };
  try {
    // The same at every size: zones, shared projects, secrets, services. Growth is about the cells.
    await step("first up, shared and host", "up", "--yes", "--stack", "prod", "--stack", "prod-plesk");
    await step("preview, nothing there", "preview");
    await step("first up", "up", "--yes");
    await step("preview --all, no change", "preview", "--all");
    await step("no-op up", "up", "--yes");
    estate.writeSites(changeSome(sites, CHANGED));
    const { byType } = await step(`preview, ${CHANGED} sites changed`, "preview");
    // Their releases change with them: a project with other settings is built anew.
    const changed = byType.find(({ type }) => type === PROJECT)?.counts.changed;
    if (changed !== CHANGED) throw new Error(`${changed} changes were found, not ${CHANGED}`);
    await step(`up, ${CHANGED} sites changed`, "up", "--yes");
    await estate.verify();
    return rows;
  } finally {
    await estate.close();
  }
}
