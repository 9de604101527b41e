import { hostname, userInfo } from "node:os";
import { environment } from "../../../environment/index.ts";
import { plainLine } from "../../../errors/plain.ts";

/** Variables in which CI says who started a job: GitHub, GitLab, Bitbucket's and others' common one. */
const ACTORS = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BITBUCKET_STEP_TRIGGERER_UUID", "CI_ACTOR"] as const;

/** Characters of an agent's name. */
const LONGEST = 60;

/** The agent that began this, as SITEFLEET_AGENT names it; undefined: a person, or a job of CI. */
export const agentOf = (env: NodeJS.ProcessEnv = environment()): string | undefined =>
  plainLine(env.SITEFLEET_AGENT ?? "", LONGEST) || undefined;

/** Who runs this: the actor of a CI job, else `user@machine`; and the agent that began it. */
export function whoRuns(env: NodeJS.ProcessEnv = environment()): string {
  const agent = agentOf(env);
  return agent === undefined ? ownerOf(env) : `${ownerOf(env)} (agent ${agent})`;
}

function ownerOf(env: NodeJS.ProcessEnv): string {
  const actor = env.CI ? ACTORS.map((name) => env[name]).find((value) => value) : undefined;
  return actor === undefined ? `${userInfo().username}@${hostname()}` : `${actor} (CI)`;
}

/** Variables that name what the jobs of one CI run have in common: ours, GitHub's, GitLab's. */
const GROUPS = ["SITEFLEET_GROUP", "GITHUB_RUN_ID", "CI_PIPELINE_ID"] as const;

/** What the runs of several jobs have in common; undefined outside of CI. It becomes part of a name, so all else is left out of it. Pure. */
export function groupOf(env: NodeJS.ProcessEnv = environment()): string | undefined {
  const said = GROUPS.map((name) => env[name]).find((value) => value);
  const group = said?.replace(/[^A-Za-z0-9_-]/g, "").slice(0, 64);
  return group === "" ? undefined : group;
}

/** Address of the CI run that this is part of, with its logs and kept files: GitHub's, GitLab's. Undefined outside of CI. Pure. */
export function linkOf(env: NodeJS.ProcessEnv = environment()): string | undefined {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    CI_PIPELINE_URL: pipeline,
  } = env;
  const link = server && repository && run ? `${server}/${repository}/actions/runs/${run}` : pipeline;
  return plainLine(link ?? "") || undefined;
}
