import * as pulumi from "@pulumi/pulumi";
import type * as vercel from "@pulumiverse/vercel";
import { readChallenges, unverifiedText, verifyDomain } from "../../provider/sdk/domain.ts";

/**
 * Whether a domain is verified, which the engine does not look at: a domain that another account holds is created, and
 * no visitor reaches the site under it. What a state says may be old, so in an update Vercel is told to look for its TXT record
 * again. A domain that is not verified is an error of the update and a warning of the preview.
 *
 * @param owner the component that the message is about
 * @param verify whether Vercel may be told to look again, which is a call that writes
 */
export function checkDomain(
  domain: vercel.ProjectDomain,
  owner: pulumi.Resource,
  verify: boolean,
): pulumi.Output<boolean> {
  const { verified, verifications, projectId, domain: name, teamId } = domain;
  // Only what is asked for makes outputs: almost all domains are verified.
  return verified.apply((known) => {
    if (known !== false) return pulumi.output(true);
    return pulumi
      .all([verifications, projectId, name, teamId] as const)
      .apply(async ([challenges, project, host, team]) => {
        if (!verify || pulumi.runtime.isDryRun()) {
          void pulumi.log.warn(`at the last update ${unverifiedText(host, readChallenges(challenges))}`, owner);
          return false;
        }
        const seen = await verifyDomain(project, host, team).catch(() => undefined);
        if (seen?.verified) return true;
        await pulumi.log.error(unverifiedText(host, seen?.challenges ?? readChallenges(challenges)), owner);
        return false;
      });
  });
}
