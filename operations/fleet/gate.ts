import { SitefleetError } from "../../errors/index.ts";
import { ownStore } from "../../fleet/backend/store/state-store.ts";
import type { ChangeSet } from "../../fleet/change-set/index.ts";
import { type GatePolicy, noteRun, trust, type Verdict, verdictLines } from "../../fleet/gates/index.ts";
import { whoRuns } from "../../fleet/run/preflight/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import type { FleetEvent } from "../kit/events.ts";
import { answersTo, type Own, restOf, spendAll } from "./gate-answers.ts";
import { estateOf, type Gated, type GateInput, policyOf } from "./gate-facts.ts";
import { waiting } from "./gate-waits.ts";

/** What of the input the gates look at. */
export interface ApprovalInput extends GateInput {
  /** Files of approvals, beside those of `approvals/`. */
  readonly approval?: readonly string[] | undefined;
  /** Why a rule is lifted. */
  readonly why?: string | undefined;
}

/** A run that the gates let go on. */
export interface Clearance {
  readonly verdicts: readonly Verdict[];
  /** Whose yes it has; empty when none was asked for. */
  readonly approvers: readonly string[];
  /** Uses the approval up, under the run's locks and before anything is changed. @throws SitefleetError `approval.used` */
  begin(run: string): Promise<void>;
  /** The run has carried the whole catalog out: its commit is the base of the next change. */
  whole(run: string): Promise<void>;
}

/**
 * Lets a change set go on, or refuses it.
 *
 * @param continues run that this one goes on with: what is left of what was approved needs no second yes
 * @throws SitefleetError `gate.stopped`, `approval.*`
 */
export async function passGates(
  { session, emit }: { session: Session; emit(event: FleetEvent): void },
  { policy, verdicts }: Gated,
  set: ChangeSet,
  { operation, input, continues }: { operation: string; input: ApprovalInput; continues?: string | undefined },
): Promise<Clearance> {
  const own = ownStore(session.folders.state, session.store);
  const digest = set.digest;
  const decided = (
    outcome: "passed" | "stopped" | "waiting",
    approvers: readonly string[] = [],
    notes: readonly string[] = [],
  ) =>
    emit({
      event: "gates-decided",
      operation,
      digest,
      outcome,
      verdicts: verdicts.map((one) => ({ ...one, examples: [...one.examples] })),
      approvers: [...approvers],
      by: whoRuns(),
      why: input.why,
      asks: policy.asks,
      notes: [...policy.notes, ...notes],
    });
  const stops = verdicts.filter(({ severity }) => severity === "stop");
  if (stops.length > 0) {
    decided("stopped");
    throw stoppedBy(stops, policy.asks);
  }
  const asks = policy.asks ? verdicts.filter(({ severity }) => severity === "approve") : [];
  const whole = (approved: boolean) => (run: string) => trustCommit(own, policy, run, approved);
  if (asks.length === 0) {
    decided("passed");
    return { verdicts, approvers: [], begin: async () => {}, whole: whole(false) };
  }
  const stacks = [...new Set(set.changes.map(({ stack }) => stack))];
  const wanted = { estate: estateOf(session.configFile), operation, digest, stacks, asks, now: new Date() };
  const earlier = continues === undefined ? undefined : await restOf(own, set, continues);
  if (earlier) {
    decided("passed", earlier.approvers);
    return { verdicts, approvers: earlier.approvers, begin: (run) => noteRun(own, run, earlier), whole: whole(true) };
  }
  const named = { catalogDir: session.catalogDir, approvals: input.approval };
  const { approvals, found, refused, notes } = await answersTo(own, policy, wanted, named);
  if (found === undefined) {
    decided("waiting", [], notes);
    const { error, event } = await waiting({ own, set, wanted, policy }, approvals, refused);
    emit(event);
    throw error;
  }
  decided("passed", found.approvers, notes);
  return {
    verdicts,
    approvers: found.approvers,
    async begin(run) {
      const { id: request, expires } = found.approval.request;
      await noteRun(own, run, { digest, approvers: [...found.approvers], request, expires, by: run });
      await spendAll(own, found, { run, by: whoRuns(), at: new Date().toISOString(), digest });
      emit({ event: "approval-spent", operation, digest, run, approvers: [...found.approvers] });
    },
    whole: whole(true),
  };
}

/** Takes a commit for the base of the next change; one that alters who is asked only once they have said yes. */
async function trustCommit(
  own: Own,
  { base, altered, asks, declares }: GatePolicy,
  run: string,
  approved: boolean,
): Promise<void> {
  if (base?.head !== undefined && (!altered || approved || !asks))
    await trust(own, base.head, run, new Date(), declares);
}

/** The same after a run in which no rule could speak. */
export async function trustWhole(session: Session, run: string): Promise<void> {
  await trustCommit(ownStore(session.folders.state, session.store), await policyOf(session), run, false);
}

/** Exit code of a run that a rule has stopped, as that of the preflight's refusal. */
const STOPPED_EXIT = 5;

/** The refusal of what a rule stops. */
export const stoppedBy = (stops: readonly Verdict[], asks: boolean): SitefleetError =>
  new SitefleetError({
    code: "gate.stopped",
    message: "a rule of gates.yaml stops this run; nothing was called or changed",
    details: verdictLines(stops, asks),
    hint: "wait, or lift that rule for this run by its name, with the reason; in a freeze --hotfix NAME names what is mended",
    exitCode: STOPPED_EXIT,
  });
