import { SitefleetError } from "../../errors/index.ts";
import type { ChangeSet } from "../../fleet/change-set/index.ts";
import { frozenBy, type GatePolicy } from "../../fleet/gates/index.ts";
import { lookAhead } from "../../fleet/run/preflight/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import { succeeded } from "../../fleet/run/summary.ts";
import type { FleetEvent } from "../kit/events.ts";
import { changeSetOf } from "./change-set.ts";
import type { FleetRun } from "./fleet-run.ts";
import { type ApprovalInput, type Clearance, passGates } from "./gate.ts";
import { judgeChanges, policyOf } from "./gate-facts.ts";

/** A run before the gates. */
export interface GatedRun {
  readonly session: Session;
  /** In a word: `up`, `rollout`. */
  readonly operation: string;
  readonly stacks: readonly string[];
  readonly input: ApprovalInput;
  readonly direction?: "back" | undefined;
  /** Of a rollback: what would stay lost. */
  readonly lost?: readonly string[] | undefined;
  /** Services of the Plesk stack, when only they are touched. */
  readonly services?: readonly string[] | undefined;
  /** What is to be done, where it was reviewed. @default what `preview` finds */
  readonly reviewed?: ChangeSet | undefined;
  /** Run that this one goes on with. */
  readonly continues?: string | undefined;
  preview(): Promise<FleetRun>;
  emit(event: FleetEvent): void;
}

/** What the gates let go on. */
export interface PassedRun {
  readonly clearance: Clearance;
  /** Exactly this was judged, and nothing else may be done. */
  readonly judged: ChangeSet;
}

/**
 * Holds a run against the gates before anything of it is called. Where no rule can speak nothing is previewed for it.
 *
 * @returns undefined where no rule asks or stops: no approvers are declared, and no rule that stops can apply now
 * @throws SitefleetError `usage`, `preview.failed`, `gate.stopped`, `approval.*`
 */
export async function gateRun(run: GatedRun): Promise<PassedRun | undefined> {
  const { session, stacks, input, emit } = run;
  const lifts = [...(input.hotfix ?? [])];
  if (lifts.length > 0 && input.why === undefined)
    throw new SitefleetError({ code: "usage", message: "--hotfix needs a reason", hint: "--why TEXT; it is kept" });
  if (stacks.length === 0) return undefined;
  const policy = await policyOf(session);
  if (!policy.asks && !canStop(policy)) return undefined;
  const set = run.reviewed ?? (await previewed(run));
  const steps = new Map(stacks.map((stack) => [stack, set.changes.filter((change) => change.stack === stack)]));
  const rules = { allow: input.allow ?? [] };
  const { facts } = await lookAhead(session, { stacks, rules, steps, services: run.services, whole: true });
  const verdicts = await judgeChanges(session, policy, set.changes, {
    facts,
    direction: run.direction,
    lost: run.lost,
    input,
  });
  const { operation, continues } = run;
  const clearance = await passGates({ session, emit }, { policy, verdicts }, set, { operation, input, continues });
  return { clearance, judged: set };
}

/** Whether a rule that stops can apply now. Releases that are remembered as bad are refused in any case. */
function canStop({ now, before }: GatePolicy): boolean {
  return [now, ...(before ? [before] : [])].some(({ rules, freezes }) =>
    Object.entries(rules).some(
      ([id, { severity }]) =>
        severity === "stop" &&
        id !== "bad-release" &&
        (id !== "unsigned-artifact" || rules[id].signers.length > 0) &&
        (id !== "freeze" || frozenBy(freezes, new Date()) !== undefined),
    ),
  );
}

async function previewed(run: GatedRun): Promise<ChangeSet> {
  const found = await run.preview();
  if (succeeded(found)) return changeSetOf(found);
  throw new SitefleetError({
    code: "preview.failed",
    message: "the preview failed, so it is not known what would be approved; nothing was changed",
    details: found.results.flatMap(({ stack, ok, errors }) => (ok ? [] : errors.map((error) => `${stack}: ${error}`))),
  });
}
