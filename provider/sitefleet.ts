import { SitefleetError } from "../errors/index.ts";
import type { DeploymentCheck } from "./check/types.ts";
import { defineProvider, isUnknown, string } from "./framework/index.ts";
import { Pace } from "./release/pace.ts";
import { type ReleaseClient, releaseResource } from "./release/resource.ts";
import { VercelApi } from "./vercel/api.ts";

// How long builds take is a matter of the team's machines: one memory for all engines that share the process.
const pace = new Pace();

/** Loaded with the first deployment that is checked: previews, and plugins of plain `pulumi`, mostly check none. */
const check: DeploymentCheck = async (...given) => (await import("./check/release-check.ts")).releaseCheck(...given);

/** The provider `sitefleet`: resource types that no published provider has. */
export const sitefleet = defineProvider<ReleaseClient>({
  name: "sitefleet",
  version: "0.1.0",
  // Builds take minutes, and a person who stops a run should not wait for them. The next one goes on with what has begun.
  cancels: true,
  config: {
    vercelApiToken: string({ secret: true, env: ["VERCEL_API_TOKEN"] }),
    vercelTeam: string({ env: ["VERCEL_TEAM"] }),
    vercelUrl: string({ env: ["VERCEL_API_URL"] }),
  },

  configure({ vercelApiToken: token, vercelTeam: team, vercelUrl: url }) {
    if (typeof token !== "string" || token === "" || isUnknown(token)) {
      throw new SitefleetError({
        code: "provider.no-token",
        message: "there is no token for Vercel: VERCEL_API_TOKEN is not set",
      });
    }
    const api = VercelApi.connect({
      token,
      url: typeof url === "string" ? url : undefined,
      team: typeof team === "string" && team !== "" ? team : undefined,
    });
    return { api, check, pace };
  },

  resources: { "sitefleet:vercel:Release": releaseResource },
  functions: {},
});
