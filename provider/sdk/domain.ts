import { environment } from "../../environment/index.ts";
import { type Domain, readChallenges, unverifiedText } from "../vercel/domain.ts";

export { type Domain, readChallenges, unverifiedText };

/**
 * Has Vercel look for the records of a domain again, and reads the domain. Undefined without a token: then what the state
 * says stands. The client is loaded only here, so that programs whose domains are all verified never load it.
 *
 * @throws ApiError when Vercel refuses the call
 */
export async function verifyDomain(
  projectId: string,
  host: string,
  team: string | undefined,
): Promise<Domain | undefined> {
  const { VERCEL_API_TOKEN: token, VERCEL_API_URL: url, VERCEL_TEAM } = environment();
  if (!token) return undefined;
  const { VercelApi } = await import("../vercel/api.ts");
  const api = VercelApi.connect({ token, url: url || undefined, team: VERCEL_TEAM || undefined });
  return api.ofTeam(team).verifyDomain(projectId, host);
}
