import { headOf } from "../../fleet/gates/base.ts";

/** Variables that name what the jobs of one CI run have in common: ours, GitHub's, GitLab's. */
const GROUPS = ["SITEFLEET_GROUP", "GITHUB_RUN_ID", "CI_PIPELINE_ID"] as const;

/** What the runs of several jobs have in common; undefined outside of CI. It becomes part of a name, so all else is left out of it. Pure. */
export function groupOf(env: NodeJS.ProcessEnv): string | undefined {
  const said = GROUPS.map((name) => env[name]).find((value) => value);
  const group = said?.replace(/[^A-Za-z0-9_-]/g, "").slice(0, 64);
  return group === "" ? undefined : group;
}

/** The commit of a catalog; undefined outside of git, and where the catalog has changes that are in no commit. Never rejects. */
export const commitOf = (catalogDir: string): Promise<string | undefined> => headOf(catalogDir).catch(() => undefined);
