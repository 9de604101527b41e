import type { Command } from "commander";
import { checkCatalog, formatProblem } from "../../catalog/index.ts";
import { readIndex } from "../../fleet/backend/index/stack-index.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { shrunkSince } from "../../fleet/run/preflight/index.ts";
import { prepare, withCommon } from "../context.ts";
import { forPeople, plural, print, printJson, say } from "../output/style.ts";

/** `sitefleet validate`: checks the catalog and lists everything that is wrong with it. */
export function registerValidate(program: Command): void {
  withCommon(program.command("validate"))
    .description("check the catalog; every problem of every file is listed. Nothing is called or changed.")
    .action(async (_options, command: Command) => {
      const { catalogDir, json } = await prepare(command);
      const { catalog, problems } = checkCatalog(catalogDir);
      const figures = catalog && {
        zones: catalog.zones.length,
        sites: catalog.sites.length,
        services: catalog.services.length,
        secrets: catalog.secrets.entries.length,
        releases: Object.keys(catalog.releases).length,
      };
      const shrunk = catalog && shrunkSince(catalog, readIndex(stateDir()));
      const warnings = shrunk ? [...shrunk.empty, ...shrunk.findings.map(({ sentence }) => sentence)] : [];
      if (json) printJson({ ok: problems.length === 0, catalog: catalogDir, ...figures, problems, warnings });
      else for (const problem of problems) print(formatProblem(problem));
      for (const warning of warnings) say(`${forPeople.yellow("warning:")} ${warning}`);
      if (problems.length > 0) {
        say(`${forPeople.red("error:")} ${plural(problems.length, "problem")} in ${catalogDir}`);
        process.exitCode = 1;
      } else if (figures && !json) {
        print(
          `${catalogDir} is valid: ${plural(figures.sites, "site")}, ${plural(figures.zones, "zone")}, ` +
            `${plural(figures.services, "service")}, ${plural(figures.secrets, "secret")}`,
        );
      }
    });
}
