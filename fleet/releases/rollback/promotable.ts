import { environment } from "../../../environment/index.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import type { BuildAnswer, BuildQuestion } from "../../../vendors/hosting.ts";
import { HOSTING, roleOf } from "../../../vendors/index.ts";
import { fields, textOf } from "../../../vendors/live.ts";
import type { StateResource } from "../../backend/states/checkpoint.ts";
import type { Loss } from "../../change-set/losses.ts";
import { type RollbackTarget, releasesOf } from "./target.ts";

/** Longest time for all questions, ms: a rollback in a hurry does not wait for an answer that changes nothing. */
const PATIENCE_MS = 20_000;

/** Whether a rollback's target is still at the vendor: `gone` = its project is not. */
export type Promotable = BuildAnswer;

/** A release that is the target of a rollback, and where its deployment would be. */
export interface Question extends BuildQuestion {
  readonly stack: string;
  /** Site or shared project. */
  readonly name: string;
}

/**
 * The releases that a rollback takes to another commit. A site without a project is left out: there is nothing to ask. Pure.
 *
 * @param resources of the stack as it is now
 */
export function questionsOf(
  { stack, current, desired }: Pick<RollbackTarget, "stack" | "current" | "desired">,
  resources: readonly StateResource[],
): Question[] {
  const live = new Map(
    resources.flatMap((one) => (roleOf(one.type) === "release" ? [[nameOfUrn(one.urn), one] as const] : [])),
  );
  const provider = resources.find(({ type }) => type === `pulumi:providers:${HOSTING.releases}`);
  const now = new Map(releasesOf(current).map(({ name, commit }) => [name, commit]));
  return releasesOf(desired).flatMap(({ name, commit }): Question[] => {
    const place = HOSTING.placeOf(fields(live.get(name)?.outputs), fields(provider?.inputs));
    return now.get(name) === commit || place === undefined ? [] : [{ stack, name, commit, ...place }];
  });
}

/** Asks whether the deployments are still there, see `Hosting.lookForBuilds`. */
export function lookForDeployments(
  questions: readonly Question[],
  env: NodeJS.ProcessEnv = environment(),
  patienceMs = PATIENCE_MS,
): Promise<Promotable[]> {
  return HOSTING.lookForBuilds(questions, env, patienceMs);
}

const { title } = HOSTING.vendor;
const REASONS: Readonly<Record<Exclude<Promotable, "yes">, [kind: Loss["kind"], reason: string]>> = {
  no: ["slow", `its deployment is gone at ${title}: the commit is built anew, which takes as long as a build`],
  gone: [
    "lost",
    `its project is gone at ${title}: only with --refresh is a new one made and built; earlier deployments, variables set by hand and analytics do not come back`,
  ],
  unknown: ["unknown", `${title} did not say whether its deployment is still there; if not, the commit is built anew`],
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
 * Names whose release serves another deployment than in the rollback's target, although the target's state names one. That deployment
 * was gone, and the commit was built anew. Pure.
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
          const id = roleOf(one.type) === "release" ? textOf(fields(one.outputs), "deploymentId") : undefined;
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
