import type { Props } from "../framework/index.ts";
import { any, boolean, defineFunction, list, map, string } from "../framework/index.ts";
import type { Team, VercelClient } from "./client.ts";
import { explain } from "./client.ts";
import type { ApiDeployment } from "./deployment/state.ts";
import { listVariables } from "./environment.ts";
import { getProject as readProject } from "./project/index.ts";
import { projectDataProperties } from "./project/schema.ts";
import { projectState } from "./project/state.ts";

/** `getProject` by name, with its variables. */
export const getProject = defineFunction<VercelClient>({
  inputs: {
    name: string({ required: true }),
    teamId: string(),
    buildMachineType: string(),
    onDemandConcurrentBuilds: boolean(),
  },
  outputs: projectDataProperties,
  async invoke({ client, inputs }) {
    const { name, teamId } = inputs;
    const detail = `Could not read project ${teamId ?? ""} ${name}`;
    const found = await explain("Error reading project", detail, readProject(client, String(name), teamId));
    const variables = await listVariables(client, found.id, teamId);
    // Everything that a resource tracks only when declared is shown here.
    const shown = { environments: [], gitComments: {}, gitProviderOptions: {} };
    const state = projectState(found, shown, variables, client.teamId(teamId));
    const bypass = Object.entries((found.protectionBypass as Record<string, { scope?: string }> | undefined) ?? {});
    const secrets = bypass.filter(([, { scope }]) => scope === "automation-bypass").map(([secret]) => secret);
    const password = state.passwordProtection as Props | null;
    return {
      ...state,
      passwordProtection: password && { deploymentType: password.deploymentType },
      id: found.id,
      protectionBypassForAutomation: secrets.length > 0 ? true : null,
      protectionBypassForAutomationSecrets: secrets.length > 0 ? secrets.sort() : null,
    };
  },
});

const teamOutputs = {
  id: string(),
  name: string(),
  slug: string(),
  description: string(),
  emailDomain: string(),
  inviteCode: string({ secret: true }),
  previewDeploymentSuffix: string(),
  sensitiveEnvironmentVariablePolicy: string(),
  enablePreviewFeedback: string(),
  enableProductionFeedback: string(),
  hideIpAddresses: boolean(),
  hideIpAddressesInLogDrains: boolean(),
  remoteCaching: any(),
  saml: any(),
};

/** `getTeamConfig` by id or slug. */
export const getTeamConfig = defineFunction<VercelClient>({
  inputs: { id: string({ required: true }) },
  outputs: teamOutputs,
  async invoke({ client, inputs }) {
    const team = (await client.getTeam(String(inputs.id))) as Team & Props;
    return Object.fromEntries(Object.keys(teamOutputs).map((key) => [key, team[key] ?? undefined]));
  },
});

/** `getDeployment` by id or URL. */
export const getDeployment = defineFunction<VercelClient>({
  inputs: { id: string({ required: true }), teamId: string() },
  outputs: {
    id: string(),
    teamId: string(),
    projectId: string(),
    url: string(),
    ref: string(),
    production: boolean(),
    customEnvironmentId: string(),
    domains: list(string()),
    meta: map(string()),
  },
  async invoke({ client, inputs }) {
    const { id, teamId } = inputs;
    const found = await explain(
      "Error reading deployment",
      `Could not get deployment ${teamId ?? ""} ${id}`,
      client.call<ApiDeployment>(`/v13/deployments/${encodeURIComponent(String(id))}`, teamId, { method: "GET" }),
    );
    return {
      id: found.id,
      teamId: client.teamId(teamId),
      projectId: found.projectId,
      url: found.url,
      ref: found.gitSource?.ref,
      production: found.target === "production",
      customEnvironmentId: found.customEnvironment?.id,
      domains: [...(found.alias ?? [])],
      meta: found.meta ?? {},
    };
  },
});

interface Recommended<T> {
  readonly rank: number;
  readonly value: T;
}

/** `getDomainConfig`: what DNS records Vercel wants for a domain. */
export const getDomainConfig = defineFunction<VercelClient>({
  inputs: { domain: string({ required: true }), projectIdOrName: string({ required: true }), teamId: string() },
  outputs: {
    id: string(),
    domain: string(),
    projectIdOrName: string(),
    teamId: string(),
    recommendedCname: string(),
    recommendedIpv4s: list(string()),
  },
  async invoke({ client, inputs }) {
    const { domain, projectIdOrName, teamId } = inputs;
    const config = await explain(
      "Error reading domain config",
      `Could not get domain config of ${domain}`,
      client.call<{ recommendedCNAME?: Recommended<string>[]; recommendedIPv4?: Recommended<string[]>[] }>(
        `/v6/domains/${encodeURIComponent(String(domain))}/config`,
        teamId,
        { method: "GET", query: { projectIdOrName: String(projectIdOrName) } },
      ),
    );
    const best = <T>(values: Recommended<T>[] | undefined): T | undefined =>
      values?.find(({ rank }) => rank === 1)?.value;
    return {
      id: domain,
      domain,
      projectIdOrName,
      teamId: client.teamId(teamId),
      recommendedCname: best(config.recommendedCNAME),
      recommendedIpv4s: best(config.recommendedIPv4) ?? [],
    };
  },
});
