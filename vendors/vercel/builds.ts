import pLimit from "p-limit";
import { isNotFound } from "../../provider/framework/errors.ts";
import { VercelApi } from "../../provider/vercel/api.ts";
import type { Deployment } from "../../provider/vercel/shapes.ts";
import type { BuildAnswer, Hosting } from "../hosting.ts";

/** Questions at once: enough for hundreds of sites in seconds, and few beside what Vercel allows a minute. */
const AT_ONCE = 16;

/** See `Hosting.lookForBuilds`. @param env with VERCEL_API_TOKEN, VERCEL_API_URL, VERCEL_TEAM */
export const lookForBuilds: Hosting["lookForBuilds"] = async (questions, env, patienceMs) => {
  const { VERCEL_API_TOKEN: token, VERCEL_API_URL: url, VERCEL_TEAM } = env;
  if (!token) return questions.map(() => "unknown");
  const api = VercelApi.connect({ token, url: url || undefined, team: VERCEL_TEAM || undefined });
  const limit = pLimit(AT_ONCE);
  const signal = AbortSignal.timeout(patienceMs);
  return Promise.all(
    questions.map(({ projectId, commit, team }) =>
      limit(async (): Promise<BuildAnswer> => {
        if (signal.aborted) return "unknown";
        try {
          const found = await api.ofTeam(team).deployments(projectId, { sha: commit }, signal);
          return found.some((one) => isPromotable(one, commit)) ? "yes" : "no";
        } catch (error) {
          return isNotFound(error) ? "gone" : "unknown";
        }
      }),
    ),
  );
};

const isPromotable = ({ phase, sha }: Deployment, commit: string) =>
  phase === "ready" && (sha === undefined || sha === commit);
