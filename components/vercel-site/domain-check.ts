import * as pulumi from "@pulumi/pulumi";
import type * as vercel from "@pulumiverse/vercel";
import { VercelApi } from "../../provider/vercel/api.ts";
import { type Domain, readChallenges, unverifiedText } from "../../provider/vercel/domain.ts";

/**
 * Whether a domain is verified, which the engine does not look at: a domain that another account holds is created, and
 * nobody reaches the site under it. What a state says may be old, so in an update Vercel is told to look for its TXT record
 * again. A domain that is not verified is an error of the update and a warning of the preview.
 *
 * @param owner the component that the message is about
 */
export function checkDomain(domain: vercel.ProjectDomain, owner: pulumi.Resource): pulumi.Output<boolean> {
  const { verified, verifications, projectId, domain: name, teamId } = domain;
  return pulumi
    .all([verified, verifications, projectId, name, teamId] as const)
    .apply(async ([known, challenges, project, host, team]) => {
      if (known !== false) return true;
      if (pulumi.runtime.isDryRun()) {
        void pulumi.log.warn(`at the last update ${unverifiedText(host, readChallenges(challenges))}`, owner);
        return false;
      }
      const seen = await verify(project, host, team).catch(() => undefined);
      if (seen?.verified) return true;
      await pulumi.log.error(unverifiedText(host, seen?.challenges ?? readChallenges(challenges)), owner);
      return false;
    });
}

async function verify(projectId: string, host: string, team: string | undefined): Promise<Domain | undefined> {
  const { VERCEL_API_TOKEN: token, VERCEL_API_URL: url, VERCEL_TEAM } = process.env;
  if (!token) return undefined;
  const api = VercelApi.connect({ token, ...(url ? { url } : {}), ...(VERCEL_TEAM ? { team: VERCEL_TEAM } : {}) });
  return api.ofTeam(team).verifyDomain(projectId, host);
}
