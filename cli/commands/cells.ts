import type { Command } from "commander";
import { cellOf, loadCatalog, sitesByCell, stackOfCell } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { prepare, withCommon } from "../context.ts";
import { print, printJson, table } from "../output/style.ts";

/** `sitefleet cells`: which cells there are and what is in them. */
export function registerCells(program: Command): void {
  withCommon(program.command("cells"))
    .description("list the cells that have sites, with their stacks")
    .option("--site <host>", "only the cell of this site")
    .action(async (options: { site?: string }, command: Command) => {
      const { catalogDir, json } = await prepare(command);
      const catalog = loadCatalog(catalogDir);
      if (options.site !== undefined && !catalog.sites.some(({ host }) => host === options.site)) {
        throw new SitefleetError({
          code: "site.unknown",
          message: "the catalog has no such site",
          subject: options.site,
        });
      }
      const wanted = catalog.sites.filter(({ host }) => host === options.site).map(cellOf);
      const cells = [...sitesByCell(catalog.sites)]
        .filter(([cell]) => options.site === undefined || wanted.includes(cell))
        .map(([cell, sites]) => ({
          cell,
          stack: stackOfCell(cell),
          sites: sites.length,
          hosts: sites.map(({ host }) => host),
        }));
      if (json) printJson({ cells });
      else {
        const rows = cells.map(({ cell, stack, sites, hosts }) => [
          cell,
          stack,
          sites,
          hosts.slice(0, 2).join(" ") + (sites > 2 ? " …" : ""),
        ]);
        print(table([["cell", "stack", "sites", "hosts"], ...rows]));
      }
    });
}
