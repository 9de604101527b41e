import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { ownStore } from "../../fleet/backend/store/state-store.ts";
import { type ChangeSet, canonicalChange, sameChanges } from "../../fleet/change-set/index.ts";
import {
  APPROVAL_EXIT,
  type Approval,
  describeChanges,
  findApproval,
  type GatePolicy,
  keepRequest,
  keptRequest,
  newRequest,
  notedRun,
  noteRun,
  parseApproval,
  readSignature,
  requestText,
  spend,
  spentBy,
  trust,
  usedError,
  type Verdict,
  verdictLines,
  verifyText,
} from "../../fleet/gates/index.ts";
import { whoRuns } from "../../fleet/run/preflight/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import type { FleetEvent } from "../kit/events.ts";
import { estateOf, type Gated, type GateInput, policyOf } from "./gate-facts.ts";

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
  const decided = (outcome: "passed" | "stopped" | "waiting", approvers: readonly string[] = []) =>
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
      notes: [...policy.notes],
    });
  const stops = verdicts.filter(({ severity }) => severity === "stop");
  if (stops.length > 0) {
    decided("stopped");
    throw stopped(stops, policy.asks);
  }
  const asks = policy.asks ? verdicts.filter(({ severity }) => severity === "approve") : [];
  const whole = (approved: boolean) => (run: string) => trustCommit(own, policy, run, approved);
  if (asks.length === 0) {
    decided("passed");
    return { verdicts, approvers: [], begin: async () => {}, whole: whole(false) };
  }
  const stacks = [...new Set(set.changes.map(({ stack }) => stack))];
  const wanted = { estate: estateOf(session.configFile), operation, digest, stacks, asks, now: new Date() };
  const approvals = readApprovals(session.catalogDir, input.approval ?? [], digest);
  const verifier = { read: readSignature, verify: verifyText };
  const used = async (id: string) => (await spentBy(own, id))?.run;
  const earlier = continues === undefined ? undefined : await restOf(own, set, continues);
  if (earlier) {
    decided("passed", earlier.approvers);
    return { verdicts, approvers: earlier.approvers, begin: (run) => noteRun(own, run, earlier), whole: whole(true) };
  }
  const found = await findApproval(approvals, wanted, policy.people, verifier, used);
  if (found === undefined) {
    const text = await requested(own, set, { ...wanted, expiryHours: policy.now.expiryHours });
    decided("waiting");
    emit({
      event: "approval-waiting",
      operation,
      digest,
      estate: wanted.estate,
      sentences: asks.map(({ sentence }) => sentence),
      request: text,
    });
    throw needed(digest, text, await differing(own, set, approvals), asks);
  }
  decided("passed", found.approvers);
  const { id } = found.approval.request;
  return {
    verdicts,
    approvers: found.approvers,
    async begin(run) {
      const first = await spend(own, id, { run, by: whoRuns(), at: new Date().toISOString(), digest });
      if (first && first.run !== run) throw usedError(found.approval, first.run);
      await noteRun(own, run, { digest, approvers: [...found.approvers] });
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

/** Folder of approvals beside the catalog. */
const FOLDER = "approvals";
/** Approvals that are read; older ones are history. */
const MOST = 1000;

/** All approvals that there are. One for other changes that cannot be read is passed over. */
function readApprovals(catalogDir: string, named: readonly string[], digest: string): Approval[] {
  const dir = join(resolve(catalogDir), "..", FOLDER);
  const files = existsSync(dir) ? readdirSync(dir).filter((name) => /^[0-9a-f]{64}.*\.yaml$/.test(name)) : [];
  const read = (file: string, must: boolean): Approval[] => {
    try {
      return [parseApproval(readFileSync(file, "utf8"), file)];
    } catch (cause) {
      if (!must) return [];
      if (cause instanceof SitefleetError) throw cause;
      throw new SitefleetError({
        code: "approval.malformed",
        message: "the file cannot be read",
        subject: file,
        cause,
      });
    }
  };
  return [
    ...named.flatMap((file) => read(file, true)),
    ...files.slice(0, MOST).flatMap((name) => read(join(dir, name), name.startsWith(digest))),
  ];
}

type Own = Parameters<typeof keptRequest>[0];

/** The request for a change set: the one that was made before while it can still be used, else a new one. */
async function requested(
  own: Own,
  set: ChangeSet,
  wanted: {
    estate: string;
    operation: string;
    digest: string;
    stacks: string[];
    asks: Verdict[];
    now: Date;
    expiryHours: number;
  },
): Promise<string> {
  const kept = await keptRequest(own, wanted.digest);
  const usable =
    kept !== undefined &&
    kept.request.estate === wanted.estate &&
    new Date(kept.request.expires) > wanted.now &&
    wanted.asks.every(({ rule }) => kept.request.asks.some((one) => one.rule === rule)) &&
    (await spentBy(own, kept.request.id)) === undefined;
  const request = usable ? kept.request : newRequest({ ...wanted, ...describeChanges(set) });
  if (!usable) await keepRequest(own, { request, set });
  return requestText(request);
}

/** With whose yes the run began that this one goes on with, when all that is left is part of what it was for. */
async function restOf(
  own: Own,
  set: ChangeSet,
  run: string,
): Promise<{ digest: string; approvers: string[] } | undefined> {
  const noted = await notedRun(own, run);
  const kept = noted && (await keptRequest(own, noted.digest));
  if (!noted || !kept?.set || new Date(kept.request.expires) <= new Date()) return undefined;
  const approved = new Set(kept.set.changes.map(canonicalChange));
  const desired = new Map(kept.set.stacks.map((one) => [one.stack, one.desired]));
  const touched = new Set(set.changes.map(({ stack }) => stack));
  const same =
    set.changes.every((change) => approved.has(canonicalChange(change))) &&
    set.stacks.every((one) => !touched.has(one.stack) || desired.get(one.stack) === one.desired);
  return same ? noted : undefined;
}

/** What differs from what was approved, change by change, where there is an unused yes to something else. */
async function differing(own: Own, set: ChangeSet, approvals: readonly Approval[]): Promise<string[] | undefined> {
  for (const { request } of approvals) {
    if (new Date(request.expires) <= new Date() || (await spentBy(own, request.id))) continue;
    const kept = await keptRequest(own, request.digest);
    if (kept?.set)
      return [`approved ${request.digest}`, `now      ${set.digest}`, ...sameChanges(kept.set, set).reasons];
  }
  return undefined;
}

function needed(
  digest: string,
  text: string,
  differs: readonly string[] | undefined,
  asks: readonly Verdict[],
): SitefleetError {
  return new SitefleetError({
    code: differs ? "approval.differs" : "approval.needed",
    message: differs
      ? "what would be done is not what was approved; nothing was changed"
      : "this waits for an approval; nothing was changed",
    subject: digest.slice(0, 12),
    details: [...verdictLines(asks, true), ...(differs ?? []), "", ...text.trimEnd().split("\n")],
    hint: `an approver saves the lines from "request:" on as FILE and runs: sitefleet approve --request FILE; then the same command again`,
    exitCode: APPROVAL_EXIT,
  });
}

/** Exit code of a run that a rule has stopped, as that of the preflight's refusal. */
const STOPPED_EXIT = 5;

const stopped = (stops: readonly Verdict[], asks: boolean): SitefleetError =>
  new SitefleetError({
    code: "gate.stopped",
    message: "a rule of gates.yaml stops this run; nothing was called or changed",
    details: verdictLines(stops, asks),
    hint: "wait, or lift that rule for this run by its name, with the reason; in a freeze --hotfix NAME names what is mended",
    exitCode: STOPPED_EXIT,
  });
