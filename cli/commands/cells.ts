import type { Command } from "commander";
import { type Catalog, cellOf, loadCatalog, sitesByCell, stackOfCell } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { MATRIX_JOBS, matrixOf } from "../../fleet/budget/matrix.ts";
import { sessionFor } from "../../operations/fleet/over.ts";
import { wholeNumber } from "../../operations/kit/fields.ts";
import { hostOf } from "../../operations/kit/host.ts";
import { type Context, prepare, withCommon } from "../context.ts";
import { print, printJson, table } from "../output/style.ts";

interface CellsOptions {
  readonly site?: string;
  readonly changed?: boolean;
  readonly matrix?: boolean;
  readonly maxJobs?: number;
}

interface Cell {
  readonly cell: string;
  readonly stack: string;
  readonly sites: number;
  readonly hosts: readonly string[];
  /** Why its stack has to be opened; only with `--changed`. */
  readonly reason?: string;
}

interface Found {
  readonly cells: readonly Cell[];
  /** Stacks that are no cells and differ; only with `--changed`. */
  readonly others?: readonly { readonly stack: string; readonly reason: string }[];
}

/** `sitefleet cells`: which cells there are and what is in them; as jobs for CI with `--matrix`. */
export function registerCells(program: Command): void {
  withCommon(program.command("cells"))
    .description("list the cells that have sites, with their stacks; or the jobs that CI needs for them")
    .option("--site <host>", "only the cell of this site", hostOf)
    .option("--changed", "only cells whose stacks differ from what is declared, by their digests; asks the backend")
    .option("--matrix", "print a GitHub matrix as one line of JSON: a job a cell")
    .option(
      "--max-jobs <n>",
      `jobs of the matrix at most; cells share jobs then (default: ${MATRIX_JOBS})`,
      wholeNumber("--max-jobs"),
    )
    .action(async (options: CellsOptions, command: Command) => {
      const most = options.maxJobs ?? MATRIX_JOBS;
      if (most > MATRIX_JOBS) {
        const message = `a GitHub matrix has at most ${MATRIX_JOBS} jobs`;
        throw new SitefleetError({ code: "usage", message, subject: "--max-jobs" });
      }
      const context = await prepare(command);
      const found = options.changed ? await changed(context, options.site) : all(context, options.site);
      if (options.matrix) print(JSON.stringify({ include: matrixOf(found.cells, most) }));
      else if (context.json) printJson(found);
      else print(tableOf(found));
    });
}

/** Cells of the catalog. @throws SitefleetError `site.unknown` */
function all(context: Context, site: string | undefined): Found {
  const catalog = loadCatalog(context.catalogDir);
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

/** Cells to be opened, those that the catalog has emptied among them, and the other stacks to be opened. */
async function changed(context: Context, site: string | undefined): Promise<Found> {
  const session = await sessionFor(context, {});
  const { catalog } = session.inputs;
  const wanted = site === undefined ? undefined : cellOfSite(catalog, site);
  const sites = sitesByCell(catalog.sites);
  const prefix = stackOfCell("");
  const cells: Cell[] = [];
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
  if (site) return cellOf(site);
  throw new SitefleetError({ code: "site.unknown", message: "the catalog has no such site", subject: host });
}

function tableOf({ cells, others }: Found): string {
  const why = others !== undefined;
  const rows = cells.map(({ cell, stack, sites, hosts, reason = "" }) => [
    cell,
    stack,
    sites,
    why ? reason : hosts.slice(0, 2).join(" ") + (sites > 2 ? " …" : ""),
  ]);
  const more = (others ?? []).map(({ stack, reason }) => ["", stack, "", reason]);
  return table([["cell", "stack", "sites", why ? "why" : "hosts"], ...more, ...rows]);
}
