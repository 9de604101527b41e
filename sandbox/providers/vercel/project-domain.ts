import type { Props } from "../framework/index.ts";
import { boolean, defineResource, integer, isNotFound, list, object, string } from "../framework/index.ts";
import type { VercelClient } from "./client.ts";
import { explain } from "./client.ts";
import { splitId } from "./ids.ts";
import { poll } from "./poll.ts";
import { getProject } from "./project/index.ts";

/** How long `waitForReady` waits, in milliseconds; resource_project_domain.go. */
const READY_TIMEOUT_MS = 600_000;

interface ApiDomain {
  readonly name: string;
  readonly projectId: string;
  readonly redirect?: string | null;
  readonly redirectStatusCode?: number | null;
  readonly gitBranch?: string | null;
  readonly customEnvironmentId?: string | null;
  readonly verified: boolean;
  readonly verification?: readonly Props[] | null;
}

const pathOf = (projectId: unknown, domain: unknown): string =>
  `/v9/projects/${projectId}/domains/${encodeURIComponent(String(domain))}`;

function toState(domain: ApiDomain, planned: Props, team: string | undefined): Props {
  const challenges = domain.verification ?? [];
  return {
    domain: domain.name,
    projectId: domain.projectId,
    teamId: team ?? null,
    redirect: domain.redirect ?? null,
    redirectStatusCode: domain.redirectStatusCode ?? null,
    gitBranch: domain.gitBranch ?? null,
    customEnvironmentId: domain.customEnvironmentId ?? null,
    waitForReady: planned.waitForReady ?? null,
    verified: domain.verified,
    verifications: challenges.map(({ type, domain: host, value, reason }) => ({ type, domain: host, value, reason })),
  };
}

async function whenReady(client: VercelClient, now: ApiDomain, inputs: Props, signal: AbortSignal): Promise<ApiDomain> {
  if (inputs.waitForReady !== true) return now;
  const look = () => client.call<ApiDomain>(pathOf(inputs.projectId, inputs.domain), inputs.teamId, { method: "GET" });
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
  const waiting = poll(undefined, look, (domain) => domain.verified, limited);
  const detail = `Could not wait for domain ${inputs.domain} for project ${inputs.projectId} to become verified`;
  return explain("Error waiting for project domain", detail, waiting);
}

/** `ProjectDomain`: a host of a project. Looks at the project first, then adds the domain. */
export const projectDomain = defineResource<VercelClient>({
  properties: {
    domain: string({ required: true, replaces: true }),
    projectId: string({ required: true, replaces: true }),
    teamId: string({ computed: true, replaces: true }),
    redirect: string(),
    redirectStatusCode: integer({ allowed: [301, 302, 307, 308] }),
    gitBranch: string(),
    customEnvironmentId: string(),
    waitForReady: boolean(),
    verified: boolean({ output: true, volatile: true }),
    verifications: list(object({ type: string(), domain: string(), value: string(), reason: string() }), {
      output: true,
      volatile: true,
    }),
  },

  check({ inputs, fail }) {
    if (inputs.gitBranch !== undefined && inputs.customEnvironmentId !== undefined) {
      fail("gitBranch", "Attribute custom_environment_id cannot be specified when git_branch is specified");
    }
  },

  async create({ client, inputs, signal }) {
    const { domain, projectId, teamId } = inputs;
    const project = await getProject(client, String(projectId), teamId).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new Error(
        "Error creating project domain: Could not find project, please make sure both the project_id and team_id match the project and team you wish to deploy to.",
      );
    });
    if (inputs.gitBranch !== undefined && inputs.gitBranch === project.link?.productionBranch) {
      throw new Error(
        `Error adding domain to project: Could not add domain ${domain} to project ${projectId}, the git_branch specified is the production branch. If you want to use this domain as a production domain, please omit the git_branch field.`,
      );
    }
    const { gitBranch, customEnvironmentId, redirect, redirectStatusCode } = inputs;
    const made = await explain(
      "Error adding domain to project",
      `Could not add domain ${domain} to project ${projectId}`,
      client.call<ApiDomain>(`/v10/projects/${projectId}/domains`, teamId, {
        method: "POST",
        body: { name: domain, gitBranch, customEnvironmentId, redirect, redirectStatusCode },
      }),
    );
    const ready = await whenReady(client, made, inputs, signal);
    return { id: ready.name, outputs: toState(ready, inputs, client.teamId(teamId)) };
  },

  async read({ client, id, state, importing }) {
    const format = '"team_id/project_id/domain" or "project_id/domain"';
    const imported = importing ? splitId(id, 2, "project domain", format) : undefined;
    const team = imported?.team ?? state.teamId;
    const path = pathOf(imported?.rest[0] ?? state.projectId, imported?.rest[1] ?? state.domain);
    const found = await client.call<ApiDomain>(path, team, { method: "GET" });
    return { id: found.name, outputs: toState(found, state, client.teamId(team)) };
  },

  async update({ client, inputs, signal }) {
    const { domain, projectId, gitBranch, customEnvironmentId, redirect, redirectStatusCode } = inputs;
    const body = {
      gitBranch: gitBranch ?? null,
      customEnvironmentId,
      redirect: redirect ?? null,
      redirectStatusCode: redirectStatusCode ?? null,
    };
    const now = await explain(
      "Error updating project domain",
      `Could not update domain ${domain} for project ${projectId}`,
      client.call<ApiDomain>(pathOf(projectId, domain), inputs.teamId, { method: "PATCH", body }),
    );
    return toState(await whenReady(client, now, inputs, signal), inputs, client.teamId(inputs.teamId));
  },

  async delete({ client, state }) {
    const detail = `Could not delete domain ${state.domain} for project ${state.projectId}`;
    const path = pathOf(state.projectId, state.domain);
    await explain("Error deleting project", detail, client.call(path, state.teamId, { method: "DELETE" }));
  },
});
