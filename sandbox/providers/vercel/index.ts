import { defineProvider, isNotFound, isUnknown, string } from "../framework/index.ts";
import { alias } from "./alias.ts";
import { explain, VercelClient } from "./client.ts";
import { deployment } from "./deployment/index.ts";
import { getDeployment, getDomainConfig, getProject, getTeamConfig } from "./functions.ts";
import { project } from "./project/index.ts";
import { projectDomain } from "./project-domain.ts";
import { projectEnvironmentVariable } from "./project-environment-variable.ts";
import { sharedEnvironmentVariable } from "./shared-environment-variable.ts";

/** What a token must hold somewhere; vercel/provider.go. */
const TOKEN = /[0-9a-zA-Z]{24}/;

/** Stand-in for pulumi-vercel 5.4.1 (terraform-provider-vercel 5.4.1). The API's base comes from `VERCEL_API_URL`. */
export const vercel = defineProvider<VercelClient>({
  name: "vercel",
  version: "5.4.1",
  config: {
    apiToken: string({ secret: true, env: ["VERCEL_API_TOKEN"] }),
    team: string({ env: ["VERCEL_TEAM"] }),
  },

  async configure({ apiToken, team }, signal) {
    if (typeof apiToken !== "string" || apiToken === "" || isUnknown(apiToken)) {
      throw new Error("Unable to find api_token: api_token cannot be an empty string");
    }
    if (!TOKEN.test(apiToken)) {
      throw new Error(
        "Invalid api_token: api_token (VERCEL_API_TOKEN) must be 24 characters and only contain characters 0-9 and a-f (all lowercased)",
      );
    }
    const base = (process.env.VERCEL_API_URL || "https://api.vercel.com").replace(/\/+$/, "");
    const client = VercelClient.connect(base, apiToken);
    if (typeof team !== "string" || team === "") return client;
    const looking = client.getTeam(team, signal);
    const found = await explain(
      "Unexpected error reading Vercel Team",
      `Could not read Vercel Team ${team}`,
      looking,
    ).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new Error(
        "Vercel Team not found: You provided a `team` field on the Vercel provider, but the team could not be found. Please check the team slug or ID is correct and that your api_token has access to the team.",
      );
    });
    return client.withTeam(found);
  },

  resources: {
    "vercel:index/project:Project": project,
    "vercel:index/projectDomain:ProjectDomain": projectDomain,
    "vercel:index/deployment:Deployment": deployment,
    "vercel:index/alias:Alias": alias,
    "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable": projectEnvironmentVariable,
    "vercel:index/sharedEnvironmentVariable:SharedEnvironmentVariable": sharedEnvironmentVariable,
  },
  functions: {
    "vercel:index/getProject:getProject": getProject,
    "vercel:index/getTeamConfig:getTeamConfig": getTeamConfig,
    "vercel:index/getDeployment:getDeployment": getDeployment,
    "vercel:index/getDomainConfig:getDomainConfig": getDomainConfig,
  },
});
