import { describeHolder } from "../../fleet/backend/locks/locks.ts";
import { verdictLines } from "../../fleet/gates/index.ts";
import type { SettleEvent } from "../../fleet/releases/health-gate/index.ts";
import { formatSeconds } from "../../operations/kit/duration.ts";
import type { FleetEvent } from "../../operations/kit/events.ts";
import type { Shows } from "../stoppable.ts";
import { sayFindings } from "./findings.ts";
import { flowLines, proofLines } from "./flows.ts";
import { formatTime } from "./plan.ts";
import { Progress } from "./progress.ts";
import { sayRepair } from "./repair.ts";
import { eventLine } from "./rollout.ts";
import { plural, say } from "./style.ts";

/** Resources that are named when they would not go back by themselves. */
const NAMED = 5;

/** Shows what an operation tells: its progress, and lines for people. */
export class Teller implements Shows<FleetEvent> {
  /** One inside the other: a run that previews once more under its locks. */
  readonly #progress: Progress[] = [];

  emit(event: FleetEvent): void {
    const now = this.#progress.at(-1);
    switch (event.event) {
      case "begun":
        this.#progress.push(new Progress(event.total));
        break;
      case "done":
        this.#progress.pop()?.done();
        break;
      case "more":
        now?.more(event.stacks);
        break;
      case "stack-started":
        now?.started(event.stack);
        break;
      case "step":
        now?.step(event.stack, event.step);
        break;
      case "step-ended":
        now?.stepEnded(event.stack, event.urn);
        break;
      case "stack-ended":
        now?.ended(event);
        break;
      case "findings":
        sayFindings(event.findings);
        break;
      case "repaired":
        sayRepair(event.report);
        break;
      default:
        for (const line of linesOf(event)) say(line);
    }
  }
}

type Told = Exclude<
  FleetEvent,
  {
    event:
      | "begun"
      | "done"
      | "more"
      | "stack-started"
      | "step"
      | "step-ended"
      | "stack-ended"
      | "findings"
      | "repaired";
  }
>;

/** An event in lines for people; none for what only programs want to know. Pure. */
export function linesOf(event: Told): string[] {
  switch (event.event) {
    case "lock-waiting":
      return [`waiting for ${event.stack}: held by ${describeHolder(event.holder)}`];
    case "notice":
      return [event.text];
    case "would-refuse":
      return [`up would refuse: ${event.reason}`];
    case "resumed":
      return [`going on with run ${event.run}: ${event.left} of ${event.stacks} stacks are left`];
    case "rollout-unfinished":
      return [`rollout ${event.rollout} is not over (${event.status}); this update does not wait for it`];
    case "reviewing":
      return ["previewing once more, to hold it against the reviewed change set"];
    case "judging-late":
      return [
        event.now
          ? `what run ${event.run} has changed is judged now`
          : `what run ${event.run} has changed was not judged: that is done with this one`,
      ];
    case "stays": {
      const { resources } = event;
      const more = resources.length > NAMED ? [`… and ${resources.length - NAMED} more`] : [];
      const named = resources.slice(0, NAMED);
      return [...named.map(({ name, reason }) => `${name} would not go back by itself: ${reason}`), ...more];
    }
    case "settling":
      return settling(event.what);
    case "planned":
      return planned(event);
    case "left":
      return [`${event.stack} stays: ${event.reason}`];
    case "rollout":
      return [eventLine(event.what)];
    case "turn-waiting":
      return [`waiting for another rollout: ${describeHolder(event.holder)}`];
    case "asked": {
      const who = event.holder ? describeHolder(event.holder) : "the process that carries it out";
      return [`asked ${who}; it takes effect at its next step`];
    }
    case "request-dropped":
      return [`${event.by} had asked to ${event.want}, which was not taken: ${event.instead} takes its place`];
    case "gates-decided":
      return [...event.notes, ...verdictLines(event.verdicts, event.asks), ...approvedLine(event.approvers)];
    case "approval-waiting":
      return [];
    case "approval-spent":
      return [`the approval of ${event.approvers.join(", ")} is used up by run ${event.run}`];
    case "budget-waiting": {
      const end = Number.isFinite(event.until)
        ? `until ${formatTime(event.until)} at the latest`
        : "until another stack gives it back";
      return [`${event.stack} waits for ${event.key}, ${end}`];
    }
    case "flow-started":
      return [];
    case "flow-ended":
      return flowLines(event);
    case "smoke-tested":
    case "proved":
    case "taken-back":
      return proofLines(event);
    case "calls-waiting":
      return [
        event.seconds === undefined
          ? `calls to ${event.vendor} are held back: ${event.key} is used up`
          : `${event.vendor} asks to wait ${formatSeconds(event.seconds)} (${event.key}); calls are held back until then`,
      ];
  }
}

const approvedLine = (approvers: readonly string[]): string[] =>
  approvers.length === 0 ? [] : [`approved by ${approvers.join(", ")}`];

function settling(event: SettleEvent): string[] {
  switch (event.event) {
    case "asking":
      return [`asking ${plural(event.sites, "site")} that changed`];
    case "going-back":
      return [`${plural(event.sites, "site")} in ${plural(event.stacks, "stack")} go back to what they were`];
    case "run-judged": {
      const kept = event.evidence === undefined ? "" : ` (${event.evidence})`;
      return event.verdict === "pass" && kept === "" ? [] : [`${event.verdict}: ${event.reason}${kept}`];
    }
    case "escalated":
      return [`ESCALATED: ${event.reason}; ${event.done}`];
    case "run-went-back":
      return [];
  }
}

/** In a line or two; the whole is `sitefleet plan`. */
function planned({ strategy, reason, seconds, limit }: Extract<FleetEvent, { event: "planned" }>): string[] {
  const head = `${strategy}: ${reason}`;
  if (limit === undefined) return [head];
  const per = limit.perSeconds === null ? "at once" : `in ${formatSeconds(limit.perSeconds)}`;
  return [
    head,
    `takes about ${formatSeconds(seconds)}: ${limit.key} allows ${limit.amount} ${per} and ${limit.need} are needed; sitefleet plan says which run does what`,
  ];
}
