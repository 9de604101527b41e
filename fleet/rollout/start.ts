import pLimit from "p-limit";
import { SitefleetError } from "../../errors/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { digestOf } from "../../stacks/digest.ts";
import { PLESK_STACK, stackKind } from "../../stacks/names.ts";
import { newRunId } from "../journal/journal.ts";
import { badReleaseError, firstWhole, refusedIn, stackVersions } from "../rollback/index.ts";
import type { Session } from "../session.ts";
import { changedHosts, planWaves, type StackChange } from "./plan.ts";
import type { RolloutRecord } from "./types.ts";

/** Histories that are read at once. */
const HISTORIES_AT_ONCE = 8;

/** What a stack was when it was last known whole; undefined: there is no such stack, or no such time. */
export async function currentStates(
  session: Pick<Session, "infos">,
  stacks: readonly string[],
): Promise<Map<string, StackState | undefined>> {
  const limit = pLimit(HISTORIES_AT_ONCE);
  const found = await Promise.all(
    stacks.map((stack) =>
      limit(async () => {
        if (!session.infos.has(stack)) return [stack, undefined] as const;
        return [stack, (await firstWhole(await stackVersions(stack)))?.desired] as const;
      }),
    ),
  );
  return new Map(found);
}

/** What the catalog wants of a stack; a cell that it has emptied has no sites. @throws SitefleetError `stack.unknown` */
export async function targetState(session: Pick<Session, "choice" | "inputs">, stack: string): Promise<StackState> {
  if (session.choice.retired.has(stack) && stackKind(stack)?.kind === "cell") return { kind: "cell", sites: [] };
  return session.inputs.state(stack);
}

/** The digest of what these stacks are to be. */
export async function targetDigest(
  session: Pick<Session, "choice" | "inputs">,
  stacks: readonly string[],
): Promise<string> {
  const states = await Promise.all([...stacks].sort().map(async (stack) => [stack, await targetState(session, stack)]));
  return digestOf(states);
}

/**
 * Plans a rollout of all that differs from the catalog but the services of SSH hosts, which are judged one by one by their
 * own deployment. Reads only.
 *
 * @returns undefined when no site differs
 * @throws SitefleetError `release.bad`, `rollback.history`, `rollout.unknown`
 */
export async function planRollout(session: Session, now = new Date()): Promise<RolloutRecord | undefined> {
  const stacks = session.open.filter((stack) => stack !== PLESK_STACK);
  const before = await currentStates(session, stacks);
  refuseUnknown(stacks.filter((stack) => before.get(stack) === undefined && session.infos.get(stack)?.resources));
  const changes = await Promise.all(
    stacks.map(
      async (stack): Promise<StackChange> => ({
        stack,
        before: before.get(stack),
        target: await targetState(session, stack),
      }),
    ),
  );
  const { rollout } = session.inputs.catalog;
  const waves = planWaves(changes, rollout);
  if (waves.length === 0) return undefined;
  const changed = changes.filter((change) =>
    change.target.kind === "shared" ? waves.some(({ kind }) => kind === "shared") : changedHosts(change).length > 0,
  );
  const names = changed.map(({ stack }) => stack);
  const refused = await refusedIn(session, names);
  if (refused.length > 0) throw badReleaseError(refused);
  return {
    version: 1,
    id: newRunId(now),
    digest: await targetDigest(session, names),
    startedAt: now.toISOString(),
    status: "running",
    reason: "",
    rollback: rollout.rollback,
    keep: false,
    waves,
    before: Object.fromEntries(changed.map(({ stack, before: then }) => [stack, then ?? null])),
  };
}

/** A stack that does not say what it was cannot be brought back to it: going back would delete what it has. */
function refuseUnknown(stacks: readonly string[]): void {
  if (stacks.length === 0) return;
  throw new SitefleetError({
    code: "rollout.unknown",
    message: "these stacks have no update that is known whole, so there is nothing to go back to",
    details: stacks,
    hint: "sitefleet up --stack NAME brings each to what the catalog says; later changes can be rolled out",
  });
}

/**
 * Refuses to go on with a rollout whose catalog has changed: what has been judged is not what would go out.
 *
 * @throws SitefleetError `rollout.catalog`, `release.bad`
 */
export async function confirmTarget(session: Session, record: RolloutRecord): Promise<void> {
  const stacks = Object.keys(record.before);
  const known = stacks.filter((stack) => session.choice.stacks.includes(stack));
  // A cell that was emptied by a finished last wave is gone from the backend, and from the choice with it.
  if ((await digestWith(session, stacks, known)) !== record.digest) {
    throw new SitefleetError({
      code: "rollout.catalog",
      message: "the catalog is not the one that the rollout began with",
      subject: record.id,
      hint: "put the catalog back to go on, or sitefleet rollout abort",
    });
  }
  const refused = await refusedIn(session, known);
  if (refused.length > 0) throw badReleaseError(refused);
}

async function digestWith(session: Session, stacks: readonly string[], known: readonly string[]): Promise<string> {
  const retired = new Set([...session.choice.retired, ...stacks.filter((stack) => !known.includes(stack))]);
  return targetDigest({ inputs: session.inputs, choice: { ...session.choice, retired } }, stacks);
}
