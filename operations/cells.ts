import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import type { Session } from "../fleet/run/session.ts";
import { type Catalog, loadCatalog, sitesByCell, stackOfCell } from "../model/index.ts";
import { sessionFor } from "./fleet/over.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { hostOf } from "./kit/host.ts";
import { defineOperation } from "./kit/operation.ts";

const cell = z.object({
  cell: z.string(),
  stack: z.string(),
  sites: z.int().min(0),
  hosts: z.array(z.string()),
  reason: z.string().optional().describe("why its stack has to be opened; only with `changed`"),
});

const output = z.object({
  cells: z.array(cell),
  others: z
    .array(z.object({ stack: z.string(), reason: z.string() }))
    .optional()
    .describe("stacks that are no cells and differ; only with `changed`"),
});

/** Cells that were found. */
export type FoundCells = z.infer<typeof output>;

/** Which cells there are and what is in them. */
export const cells = defineOperation({
  name: "cells",
  summary: "list the cells that have sites, with their stacks; or the jobs that CI needs for them",
  changes: false,
  input: z.object({
    site: flag(z.string().optional(), "--site <host>", "only the cell of this site", hostOf),
    changed: flag(
      z.boolean().optional(),
      "--changed",
      "only cells whose stacks differ from what is declared, by their digests; asks the backend",
    ),
  }),
  events: noEvents,
  output,
  run: async ({ site, changed }, { estate }): Promise<FoundCells> =>
    changed ? changedCells(await sessionFor(estate, {}), site) : allCells(loadCatalog(estate.catalogDir), site),
  document: (found) => found,
});

/** Cells of the catalog. Pure. @throws SitefleetError `site.unknown` */
function allCells(catalog: Catalog, site: string | undefined): FoundCells {
  const wanted = site === undefined ? undefined : cellOfSite(catalog, site);
  const cells = [...sitesByCell(catalog.sites)]
    .filter(([cell]) => wanted === undefined || cell === wanted)
    .map(([cell, sites]) => ({
      cell,
      stack: stackOfCell(cell),
      sites: sites.length,
      hosts: sites.map(({ host }) => host),
    }));
  return { cells };
}

/** Cells to be opened, those that the catalog has emptied among them, and the other stacks to be opened. Pure. @throws SitefleetError `site.unknown` */
export function changedCells(session: Pick<Session, "inputs" | "surveyed">, site?: string): FoundCells {
  const { catalog } = session.inputs;
  const wanted = site === undefined ? undefined : cellOfSite(catalog, site);
  const sites = sitesByCell(catalog.sites);
  const prefix = stackOfCell("");
  const cells: FoundCells["cells"] = [];
  const others: { stack: string; reason: string }[] = [];
  for (const { stack, reason } of session.surveyed) {
    if (reason === undefined) continue;
    const cell = stack.startsWith(prefix) ? stack.slice(prefix.length) : undefined;
    if (cell === undefined) others.push({ stack, reason });
    else if (wanted === undefined || cell === wanted) {
      const hosts = (sites.get(cell) ?? []).map(({ host }) => host);
      cells.push({ cell, stack, sites: hosts.length, hosts, reason });
    }
  }
  return { cells: cells.sort((a, b) => (a.cell < b.cell ? -1 : 1)), others };
}

function cellOfSite(catalog: Catalog, host: string): string {
  const site = catalog.sites.find((one) => one.host === host);
  if (site) return site.cell;
  throw new SitefleetError({ code: "site.unknown", message: "the catalog has no such site", subject: host });
}
