import { hostname, userInfo } from "node:os";
import { environment } from "../../../environment/index.ts";

/** Variables in which CI says who started a job: GitHub, GitLab, Bitbucket's and others' common one. */
const ACTORS = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BITBUCKET_STEP_TRIGGERER_UUID", "CI_ACTOR"] as const;

/** Who runs this: the actor of a CI job, else `user@machine`. */
export function whoRuns(env: NodeJS.ProcessEnv = environment()): string {
  const actor = env.CI ? ACTORS.map((name) => env[name]).find((value) => value) : undefined;
  return actor === undefined ? `${userInfo().username}@${hostname()}` : `${actor} (CI)`;
}
