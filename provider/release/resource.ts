import { SitefleetError } from "../../errors/index.ts";
import type { DeploymentCheck } from "../check/types.ts";
import type { Props } from "../framework/index.ts";
import { defineResource, PartialFailure } from "../framework/index.ts";
import type { VercelApi } from "../vercel/api.ts";
import type { Project, Repository } from "../vercel/shapes.ts";
import { ReleaseError } from "./errors.ts";
import { checkRelease, goalOf, releaseProperties, SETTINGS_ONLY } from "./inputs.ts";
import { failedOutputs, readOutputs, reasonsOf, releasedOutputs, timesOf } from "./outputs.ts";
import type { Pace } from "./pace.ts";
import { release } from "./perform.ts";

/** What an engine's connection works with. */
export interface ReleaseClient {
  readonly api: VercelApi;
  readonly check: DeploymentCheck;
  readonly pace: Pace;
}

const teamOf = ({ teamId }: Props) => teamId as string | undefined;

/** Makes the release live; what was on its way when that failed is kept in the state. */
async function live(
  client: ReleaseClient,
  inputs: Props,
  state: Props,
  signal: AbortSignal,
  anySettings = true,
): Promise<{ id: string; outputs: Props }> {
  const id = String(inputs.projectId);
  const api = client.api.ofTeam(teamOf(inputs));
  const lastBuildMs = typeof state.buildSeconds === "number" ? state.buildSeconds * 1000 : undefined;
  const usual = timesOf(state);
  const tools = { api, check: client.check, pace: client.pace, lastBuildMs, usual, signal };
  try {
    const released = await release({ ...goalOf(inputs), anySettings }, tools, state.deploymentId as string | undefined);
    return { id, outputs: releasedOutputs(released, state) };
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    throw new PartialFailure({ id, outputs: failedOutputs(error, state), reasons: reasonsOf(error) });
  }
}

/**
 * `sitefleet:vercel:Release`: which deployment of a project is live. Its id is the project's: a project has one release.
 * Taking it out of a program changes nothing at Vercel; what is live goes only with the project.
 */
export const releaseResource = defineResource<ReleaseClient>({
  properties: releaseProperties,
  check: checkRelease,
  // A rollback by hand stands among the differences, so that a reviewer learns that the old release is wanted.
  diff: ({ state, differ }) => {
    if (typeof state.rolledBack === "string") differ("rolledBack", "delete");
  },

  create: ({ client, inputs, signal }) => live(client, inputs, {}, signal),

  async update({ client, inputs, state, changed, signal }) {
    const settled = state.pending === undefined && state.deploymentId !== undefined;
    // Nothing that is live depends on how it would be checked.
    if (settled && changed.size > 0 && [...changed].every((name) => SETTINGS_ONLY.has(name))) return {};
    return (await live(client, inputs, state, signal, !changed.has("buildSettings"))).outputs;
  },

  async read({ client, id, state, importing, signal }) {
    const parts = id.split("/");
    const [team, projectId] = importing && parts.length === 2 ? parts : [teamOf(state), id];
    const api = client.api.ofTeam(team);
    const project = await whatIsLive(api, await api.project(projectId ?? id, signal), signal);
    const outputs = project === undefined ? undefined : readOutputs(project, state);
    // Nothing was ever live, as the state says: reporting the release as gone would make it look deleted by hand.
    if (project !== undefined && outputs === undefined && neverLive(state)) return { id, outputs: state };
    if (project === undefined || outputs === undefined) return undefined;
    if (!importing) return { id, outputs };
    if (typeof outputs.ref !== "string") {
      throw new SitefleetError({
        code: "release.no-commit",
        message: `what is live (${outputs.url}) was not built from a commit`,
        subject: project.id,
        hint: "declare the release without importing it: what is live already is taken as it is",
      });
    }
    const repository = repositoryInput(project.link);
    const given = { projectId: project.id, ...(team ? { teamId: team } : {}), ...(repository ? { repository } : {}) };
    return { id: project.id, outputs: { ...outputs, ...given } };
  },
});

/** A first release that failed: the state holds what was on its way and nothing that is live. */
const neverLive = ({ pending, deploymentId }: Props): boolean => pending != null && deploymentId == null;

/**
 * A project with what its hosts serve. After a rollback at Vercel its hosts serve the rollback's target, and the project's own
 * `targets` need not show that.
 */
async function whatIsLive(
  api: VercelApi,
  project: Project | undefined,
  signal: AbortSignal,
): Promise<Project | undefined> {
  const target = project?.rolledBackTo;
  const done = project?.job?.type === "rollback" && project.job.status === "succeeded" && project.job.to === target;
  if (project === undefined || target === undefined || !done || project.live?.id === target) return project;
  return { ...project, live: (await api.deployment(target, signal)) ?? project.live };
}

function repositoryInput(link: Repository | undefined): Props | undefined {
  if (link?.type === "github") return { type: "github", repo: `${link.org}/${link.repo}` };
  if (link?.type === "bitbucket") return { type: "bitbucket", repo: `${link.owner}/${link.slug}` };
  return undefined;
}
