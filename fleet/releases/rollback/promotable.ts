import pLimit from "p-limit";
import { isNotFound } from "../../../provider/framework/index.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import { VercelApi } from "../../../provider/vercel/api.ts";
import type { Deployment } from "../../../provider/vercel/shapes.ts";
import type { StateResource } from "../../backend/states/checkpoint.ts";
import type { Loss } from "../../change-set/losses.ts";
import { type RollbackTarget, releasesOf } from "./target.ts";

const RELEASE = "sitefleet:vercel:Release";
const PROVIDER = "pulumi:providers:sitefleet";

/** Questions at once: enough for hundreds of sites in seconds, and few beside what Vercel allows a minute. */
const AT_ONCE = 16;
/** Longest time for all questions, ms: whoever goes back in a hurry does not wait for an answer that changes nothing. */
const PATIENCE_MS = 20_000;

/** Whether what is gone back to is still at Vercel: `gone` = its project is not. */
export type Promotable = "yes" | "no" | "gone" | "unknown";

/** A release that is gone back to, and where its deployment would be. */
export interface Question {
  readonly stack: string;
  /** Site or shared project. */
  readonly name: string;
  readonly commit: string;
  readonly projectId: string;
  /** Slug or id. @default the token's own */
  readonly team?: string;
}

/**
 * The releases that another commit is gone back to. What has no project now is left out: there is nothing to ask. Pure.
 *
 * @param resources of the stack as it is now
 */
export function questionsOf(
  { stack, current, desired }: Pick<RollbackTarget, "stack" | "current" | "desired">,
  resources: readonly StateResource[],
): Question[] {
  const live = new Map(resources.flatMap((one) => (one.type === RELEASE ? [[nameOfUrn(one.urn), one] as const] : [])));
  const provider = resources.find(({ type }) => type === PROVIDER);
  const now = new Map(releasesOf(current).map(({ name, commit }) => [name, commit]));
  return releasesOf(desired).flatMap(({ name, commit }): Question[] => {
    const release = live.get(name);
    const projectId = textOf(release?.outputs, "projectId");
    if (now.get(name) === commit || projectId === undefined) return [];
    const team = textOf(release?.outputs, "teamId") ?? textOf(provider?.inputs, "vercelTeam");
    return [{ stack, name, commit, projectId, ...(team === undefined ? {} : { team }) }];
  });
}

/**
 * Asks Vercel whether the deployments are still there: they may have been deleted by hand, or by the project's retention.
 * Never rejects: where Vercel does not answer in time it is not known.
 *
 * @param env with VERCEL_API_TOKEN, VERCEL_API_URL, VERCEL_TEAM
 * @returns one answer a question, in their order
 */
export async function lookForDeployments(
  questions: readonly Question[],
  env: NodeJS.ProcessEnv = process.env,
  patienceMs = PATIENCE_MS,
): Promise<Promotable[]> {
  const { VERCEL_API_TOKEN: token, VERCEL_API_URL: url, VERCEL_TEAM } = env;
  if (!token) return questions.map(() => "unknown");
  const api = VercelApi.connect({ token, ...(url ? { url } : {}), ...(VERCEL_TEAM ? { team: VERCEL_TEAM } : {}) });
  const limit = pLimit(AT_ONCE);
  const signal = AbortSignal.timeout(patienceMs);
  return Promise.all(
    questions.map(({ projectId, commit, team }) =>
      limit(async (): Promise<Promotable> => {
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
}

const isPromotable = ({ phase, sha }: Deployment, commit: string) =>
  phase === "ready" && (sha === undefined || sha === commit);

const REASONS: Readonly<Record<Exclude<Promotable, "yes">, [kind: Loss["kind"], reason: string]>> = {
  no: ["slow", "its deployment is gone at Vercel: the commit is built anew, which takes as long as a build"],
  gone: [
    "lost",
    "its project is gone at Vercel: only with --refresh is a new one made and built; earlier deployments, variables set by hand and analytics do not come back",
  ],
  unknown: ["unknown", "Vercel did not say whether its deployment is still there; if not, the commit is built anew"],
};

/** What the answers mean for going back. Pure. */
export function answersAsLosses(questions: readonly Question[], answers: readonly Promotable[]): Loss[] {
  return questions.flatMap(({ stack, name }, index): Loss[] => {
    const answer = answers[index] ?? "unknown";
    if (answer === "yes") return [];
    const [kind, reason] = REASONS[answer];
    return [{ stack, name, kind, reason }];
  });
}

/**
 * Names whose release serves another deployment than it did in the version that was gone back to, although a state of then
 * names one: that was gone, and the commit was built anew. Pure.
 */
export function builtAnew(
  { current, desired }: Pick<RollbackTarget, "current" | "desired">,
  then: readonly StateResource[],
  after: readonly StateResource[],
): string[] {
  const [old, now] = [then, after].map(
    (resources) =>
      new Map(
        resources.flatMap((one) => {
          const id = one.type === RELEASE ? textOf(one.outputs, "deploymentId") : undefined;
          return id === undefined ? [] : [[nameOfUrn(one.urn), id] as const];
        }),
      ),
  ) as [Map<string, string>, Map<string, string>];
  const before = new Map(releasesOf(current).map(({ name, commit }) => [name, commit]));
  return releasesOf(desired).flatMap(({ name, commit }) => {
    const [was, is] = [old.get(name), now.get(name)];
    return before.get(name) !== commit && was !== undefined && is !== undefined && was !== is ? [name] : [];
  });
}

function textOf(value: unknown, field: string): string | undefined {
  const found = (value as Readonly<Record<string, unknown>> | undefined | null)?.[field];
  return typeof found === "string" && found !== "" ? found : undefined;
}
