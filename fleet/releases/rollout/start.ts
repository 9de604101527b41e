import pLimit from "p-limit";
import { SitefleetError } from "../../../errors/index.ts";
import { serviceGroups } from "../../../model/index.ts";
import type { StackState } from "../../../stacks/desired.ts";
import { digestOf } from "../../../stacks/digest.ts";
import { PLESK_STACK, stackKind } from "../../../stacks/names.ts";
import { changedHosts, difference, type StackChange, sameState } from "../../../stacks/state.ts";
import { newRunId } from "../../backend/journal/journal.ts";
import type { Session } from "../../run/session.ts";
import { badReleaseError, newestWhole, refusedIn } from "../rollback/index.ts";
import { planWaves } from "./plan.ts";
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
        return [stack, (await newestWhole(stack))?.desired] as const;
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

/** How a rollout is planned. */
export interface RolloutPlanOptions {
  /** @default now */
  readonly now?: Date;
  /** Safeguards of the preflight that are lifted. @default none */
  readonly allow?: readonly string[] | undefined;
  /** Keys of the services whose deployment is due, where rollout.yaml declares their wave. @default none */
  readonly services?: readonly string[];
}

/**
 * Plans a rollout of all sites that differ from the catalog, and of the services that are due. Reads only.
 *
 * @returns undefined when nothing differs
 * @throws SitefleetError `release.bad`, `rollback.history`, `rollout.unknown`
 */
export async function planRollout(
  session: Session,
  { now = new Date(), allow = [], services = [] }: RolloutPlanOptions = {},
): Promise<RolloutRecord | undefined> {
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
  const { rollout, services: all } = session.inputs.catalog;
  const waves = planWaves(changes, rollout, serviceGroups(all, new Set(services)));
  if (waves.length === 0) return undefined;
  const changed = changes.filter((change) =>
    change.target.kind === "shared" ? waves.some(({ kind }) => kind === "shared") : changedHosts(change).length > 0,
  );
  if (services.length > 0)
    changed.push({
      stack: PLESK_STACK,
      before: (await currentStates(session, [PLESK_STACK])).get(PLESK_STACK),
      target: await targetState(session, PLESK_STACK),
    });
  const names = changed.map(({ stack }) => stack);
  const refused = await refusedIn(session, names);
  const target = Object.fromEntries(changed.map((change) => [change.stack, change.target]));
  if (refused.length > 0) throw badReleaseError(refused);
  return {
    version: 1,
    id: newRunId(now),
    digest: digestOf(target),
    startedAt: now.toISOString(),
    status: "running",
    reason: "",
    rollback: rollout.rollback,
    allow: allow.length > 0 ? [...allow] : undefined,
    keep: false,
    waves,
    before: Object.fromEntries(changed.map(({ stack, before: then }) => [stack, then ?? null])),
    target,
  };
}

/** Refuses stacks whose earlier declaration is not known: a rollback of such a stack would delete what it has. */
function refuseUnknown(stacks: readonly string[]): void {
  if (stacks.length === 0) return;
  throw new SitefleetError({
    code: "rollout.unknown",
    message: "these stacks have no update that is known whole, so there is nothing to go back to",
    details: stacks,
    hint: "sitefleet up --stack NAME brings each to what the catalog says; later changes can be rolled out",
  });
}

/** Differences that a refusal names. */
const DIFFERENCES = 20;

/**
 * Refuses to go on with a rollout whose catalog has changed: what has been judged is not what would go out.
 *
 * @throws SitefleetError `rollout.catalog`, `release.bad`
 */
export async function confirmTarget(session: Session, record: RolloutRecord): Promise<void> {
  const stacks = Object.keys(record.before);
  const known = stacks.filter((stack) => session.choice.stacks.includes(stack));
  // A cell that was emptied by a finished last wave is gone from the backend, and from the choice with it.
  const retired = new Set([...session.choice.retired, ...stacks.filter((stack) => !known.includes(stack))]);
  const choice = { ...session.choice, retired };
  const differ = await Promise.all(
    stacks.map(async (stack) => {
      const now = await targetState({ inputs: session.inputs, choice }, stack);
      return differences(stack, record.target[stack], now);
    }),
  );
  const details = differ.flat();
  if (details.length > 0) {
    const more = details.length - DIFFERENCES;
    throw new SitefleetError({
      code: "rollout.catalog",
      message: "the catalog is not the one that the rollout began with",
      subject: record.id,
      details: more > 0 ? [...details.slice(0, DIFFERENCES), `and ${more} more`] : details,
      hint: "put the catalog back, then sitefleet rollout resume; or sitefleet rollout abort takes back what it has brought (abort --keep leaves it), then sitefleet rollout begins one with this catalog",
    });
  }
  const refused = await refusedIn(session, known);
  if (refused.length > 0) throw badReleaseError(refused);
}

/** How a stack is declared otherwise than it was, in words. Pure. */
function differences(stack: string, then: StackState | undefined, now: StackState): string[] {
  if (sameState(then, now)) return [];
  if (now.kind === "shared") return [`${stack} is declared otherwise`];
  return difference(then, now).map(({ name, change }) => `${name} (${stack}) is ${HOW[change]}`);
}

const HOW = { added: "new", changed: "declared otherwise", removed: "declared no more" } as const;
