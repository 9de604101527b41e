import { SitefleetError } from "../../errors/index.ts";
import { ownStore } from "../../fleet/backend/store/state-store.ts";
import type { ChangeSet } from "../../fleet/change-set/index.ts";
import { frozenBy, type GatePolicy, type Verdict } from "../../fleet/gates/index.ts";
import { asksBefore } from "../../fleet/quality/index.ts";
import { agentOf, lookAhead } from "../../fleet/run/preflight/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import { succeeded } from "../../fleet/run/summary.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import type { FleetEvent } from "../kit/events.ts";
import { changeSetOf } from "./change-set.ts";
import type { FleetRun } from "./fleet-run.ts";
import { type ApprovalInput, type Clearance, passGates, stoppedBy } from "./gate.ts";
import { estateOf, judgeChanges, policyOf } from "./gate-facts.ts";
import { waiting } from "./gate-waits.ts";

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
  /** The policy, where it is being read already. @default it is read here */
  readonly policy?: ReturnType<typeof policyOf> | undefined;
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
  const policy = await (run.policy ?? policyOf(session));
  refuseUnasked(policy);
  if (!policy.asks && !canStop(policy, stacks.includes(PLESK_STACK) && asksBefore(session.inputs.catalog)))
    return undefined;
  const { set, verdicts } = await judged(run, policy);
  const { operation, continues } = run;
  const clearance = await passGates({ session, emit }, { policy, verdicts }, set, { operation, input, continues });
  return { clearance, judged: set };
}

/**
 * Makes the request for what a run would do, and does nothing of it, whatever yes there is.
 *
 * @returns undefined where nothing would be asked: nothing changes, or no rule asks
 * @throws SitefleetError `preview.failed`, `gate.stopped`, `approval.agent`
 */
export async function requestFor(run: GatedRun): Promise<Requested | undefined> {
  const { session, operation } = run;
  if (run.stacks.length === 0) return undefined;
  const policy = await policyOf(session);
  refuseUnasked(policy);
  const { set, verdicts } = await judged(run, policy);
  const stops = verdicts.filter(({ severity }) => severity === "stop");
  if (stops.length > 0) throw stoppedBy(stops, policy.asks);
  const asks = policy.asks ? verdicts.filter(({ severity }) => severity === "approve") : [];
  if (asks.length === 0) return undefined;
  const stacks = [...new Set(set.changes.map(({ stack }) => stack))];
  const wanted = { estate: estateOf(session.configFile), operation, digest: set.digest, stacks, asks, now: new Date() };
  const own = ownStore(session.folders.state, session.store);
  const { event } = await waiting({ own, set, wanted, policy }, [], undefined);
  run.emit(event);
  return { set, asks, text: event.event === "approval-waiting" ? event.request : "" };
}

/** A request that waits for its answer. */
export interface Requested {
  readonly set: ChangeSet;
  readonly asks: readonly Verdict[];
  /** What is signed. */
  readonly text: string;
}

/** An agent begins nothing where no person could say yes. @throws SitefleetError `approval.agent` */
function refuseUnasked({ asks }: GatePolicy): void {
  const agent = agentOf();
  if (agent === undefined || asks) return;
  throw new SitefleetError({
    code: "approval.agent",
    message: "an agent begins it, and no approver is declared whose yes could count; nothing was changed",
    subject: agent,
    hint: "declare who may approve, in approvers.yaml on the base branch",
  });
}

async function judged(
  run: GatedRun,
  policy: GatePolicy,
): Promise<{ readonly set: ChangeSet; readonly verdicts: readonly Verdict[] }> {
  const { session, stacks, input } = run;
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
  return { set, verdicts };
}

/**
 * Whether a rule that stops can apply now. Releases that are remembered as bad are refused in any case.
 *
 * @param quality services are touched, and quality.yaml says what must have passed before. @default false
 */
export function canStop({ now, before }: GatePolicy, quality = false): boolean {
  return [now, ...(before ? [before] : [])].some(({ rules, freezes }) =>
    Object.entries(rules).some(
      ([id, { severity }]) =>
        severity === "stop" &&
        id !== "bad-release" &&
        (quality || !id.startsWith("quality")) &&
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
