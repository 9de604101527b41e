import { same } from "../../../../provider/framework/compare.ts";
import type { Props } from "../../framework/index.ts";
import type { VercelClient } from "../client.ts";
import { explain } from "../client.ts";
import type { ApiProject } from "./state.ts";

const repositoryIn = (props: Props): Props | undefined => props.gitRepository as Props | undefined;
const hooksIn = (props: Props): Props[] => (repositoryIn(props)?.deployHooks as Props[] | undefined) ?? [];

/** Sets the branch whose pushes go to production. */
export function setProductionBranch(
  client: VercelClient,
  id: string,
  team: unknown,
  branch: unknown,
): Promise<ApiProject> {
  return client.call<ApiProject>(`/v9/projects/${id}/branch`, team, { method: "PATCH", body: { branch } });
}

async function createHook(client: VercelClient, id: string, team: unknown, hook: Props): Promise<Props> {
  const { name, ref } = hook;
  const answer = await explain(
    "Error creating deploy hook",
    "Could not create project",
    client.call<ApiProject>(`/v2/projects/${id}/deploy-hooks`, team, { method: "POST", body: { name, ref } }),
  );
  const made = answer.link?.deployHooks?.findLast((item) => item.name === name && item.ref === ref);
  if (made === undefined) throw new Error("deploy hook was created successfully, but could not be found");
  return made;
}

/** Creates the declared deploy hooks of a new project, one by one, and gives them back with their URLs. */
export async function createHooks(client: VercelClient, id: string, inputs: Props): Promise<Props[]> {
  const made: Props[] = [];
  for (const hook of hooksIn(inputs)) made.push(await createHook(client, id, inputs.teamId, hook));
  return made;
}

/** Adds and removes deploy hooks. True when there was anything to do. */
export async function replaceHooks(client: VercelClient, id: string, inputs: Props, state: Props): Promise<boolean> {
  const equal = (a: Props, b: Props): boolean => a.name === b.name && a.ref === b.ref;
  const [before, after] = [hooksIn(state), hooksIn(inputs)];
  const gone = before.filter((old) => !after.some((hook) => equal(hook, old)));
  const missing = after.filter((hook) => !before.some((old) => equal(hook, old)));
  for (const hook of gone) {
    await client.call(`/v2/projects/${id}/deploy-hooks/${hook.id}`, state.teamId, { method: "DELETE" });
  }
  for (const hook of missing) await createHook(client, id, state.teamId, hook);
  return gone.length + missing.length > 0;
}

/** Makes link and production branch as declared. Gives the project back when anything was called. */
export async function linkRepository(
  client: VercelClient,
  id: string,
  inputs: Props,
  state: Props,
): Promise<ApiProject | undefined> {
  const team = state.teamId;
  const [before, after] = [repositoryIn(state), repositoryIn(inputs)];
  const failed = (what: string) =>
    ["Error updating project", `Could not update project ${what} ${team ?? ""} ${id}`] as const;
  let now: ApiProject | undefined;
  const differs = !same([before?.repo, before?.type], [after?.repo, after?.type]);
  if (differs && before !== undefined) {
    const unlink = client.call<ApiProject>(`/v9/projects/${id}/link`, team, { method: "DELETE" });
    now = await explain(...failed("unlinking git repo"), unlink);
  }
  if (differs && after !== undefined) {
    const body = { type: after.type, repo: after.repo };
    const link = client.call<ApiProject>(`/v9/projects/${id}/link`, team, { method: "POST", body });
    now = await explain(...failed("git repo"), link);
  }
  const branch = after?.productionBranch;
  if (branch !== undefined && (differs || before?.productionBranch !== branch)) {
    now = await explain(...failed("production branch"), setProductionBranch(client, id, team, branch));
  }
  return now;
}
