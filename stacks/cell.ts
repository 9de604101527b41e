import { VercelSite } from "../components/vercel-site/vercel-site.ts";
import type { Declared, Part } from "./declared.ts";
import type { CellState } from "./desired.ts";
import { makeProviders } from "./providers.ts";
import { readSettings } from "./settings.ts";
import { openShared } from "./shared-outputs.ts";
import { declaredOf } from "./site-targets.ts";

/**
 * The program of a cell: its sites, nothing else.
 *
 * @param part what the engine is limited to; of other sites nothing is declared then, and it leaves them as they are. @default all
 */
export async function cellProgram(state: CellState, part?: Part): Promise<Declared> {
  const settings = readSettings(["vercelTeam"]);
  const { skewProtection } = settings;
  const ownProjects = state.sites.some((site) => site.project.kind === "own");
  const providers = await makeProviders(settings, ownProjects ? ["vercel", "sitefleet"] : ["vercel"]);
  const usesShared = state.sites.some((site) => site.project.kind === "shared");
  const shared = usesShared ? await openShared(["projects"]) : undefined;
  for (const site of declaredOf(state, part?.cell).sites) {
    if (site.project.kind === "own") {
      const { check, ...spec } = site;
      new VercelSite(
        site.host,
        { ...spec, project: { ...site.project, skewProtection }, ...(check ? { release: { check } } : {}) },
        { providers },
      );
    } else if (shared) {
      const projectId = shared.get("projects", site.project.name);
      new VercelSite(site.host, { host: site.host, project: { kind: "shared", projectId } }, { providers });
    }
  }
  return { outputs: { sites: state.sites.length }, shared: shared?.values ?? {} };
}
