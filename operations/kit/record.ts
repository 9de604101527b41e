import { gzipSync } from "node:zlib";
import { z } from "zod";
import type { HealthResult } from "../../checks/types.ts";
import type { RunEntry, RunEvent } from "../../fleet/events/types.ts";
import { slowdown } from "../../fleet/health/index.ts";
import { type Observation, ofCost, ofDrift, ofFigures, ofHostKey } from "../../fleet/incidents/index.ts";
import type { SettleEvent } from "../../fleet/releases/health-gate/index.ts";
import type { RolloutEvent } from "../../fleet/releases/rollout/index.ts";
import type { IncidentLimits } from "../../model/index.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import type { Changed } from "./changed.ts";
import type { FleetEvent } from "./events.ts";

/** What every event of a run is about. */
export interface About {
  readonly operation: string;
  readonly by: string;
  /** What the stacks stand for, e.g. `prod`. */
  readonly target: string;
  /** See the event `started`. */
  readonly commit?: string | undefined;
  readonly group?: string | undefined;
}

/** What of an operation's event is kept; undefined for what is only progress. Pure. @param changed what a stack's steps came to */
export function runEventOf(event: FleetEvent, about: About, changed?: Changed): RunEvent | undefined {
  switch (event.event) {
    case "begun":
      return { event: "started", ...about, total: event.total };
    case "more":
    case "stack-started":
      return event;
    case "stack-ended": {
      const { stack, ok, counts, errors, milliseconds } = event;
      return { event: "stack-ended", stack, ok, counts, errors: errors.slice(0, 3), milliseconds, ...changed };
    }
    case "findings": {
      const findings = event.findings.map(({ rule, scope, severity, sentence }) => ({
        rule,
        scope,
        severity,
        sentence,
      }));
      return findings.length === 0 ? undefined : { event: "findings", findings };
    }
    case "notice":
      return { event: "notice", text: event.text };
    case "flow-ended": {
      const { flow, service, state, reason, evidence } = event;
      return { event: "flow", flow, service, state, reason, evidence };
    }
    case "proved":
      return { event: "judged", verdict: event.ok ? "pass" : "fail", reason: event.reason };
    case "taken-back":
      return { event: "went-back", ok: event.ok, what: event.what, services: event.services };
    case "settling":
      return ofSettling(event.what);
    case "rollout":
      return ofRollout(event.what);
    default:
      return ofGates(event);
  }
}

/** What the gates tell, as far as it is read here. */
const gatesSchema = z.discriminatedUnion("event", [
  z.looseObject({
    event: z.literal("gates-decided"),
    outcome: z.string(),
    approvers: z.array(z.string()).optional(),
    why: z.string().optional(),
    verdicts: z.array(z.looseObject({ severity: z.string(), sentence: z.string() })),
  }),
  z.looseObject({
    event: z.literal("approval-waiting"),
    digest: z.string(),
    request: z.string(),
    review: z.object({ repository: z.string(), text: z.string() }).optional(),
  }),
  z.looseObject({
    event: z.literal("approval-spent"),
    digest: z.string(),
    run: z.string(),
    approvers: z.array(z.string()),
  }),
]);

function ofGates(event: { readonly event: string }): RunEvent | undefined {
  const read = gatesSchema.safeParse(event);
  if (!read.success) return undefined;
  if (read.data.event === "approval-waiting") {
    const { digest, request, review } = read.data;
    // The text is signed to the letter, and chats keep no line ends and quotes.
    const packed = gzipSync(request).toString("base64");
    return {
      event: "approval-waiting",
      digest,
      how: `echo ${packed} | base64 -d | gunzip | sitefleet approve --request -`,
      review: review && `a review in ${review.repository} with the first line: ${review.text}`,
    };
  }
  if (read.data.event === "approval-spent") {
    const { digest, run, approvers } = read.data;
    return { event: "approved", digest, run, approvers };
  }
  const { outcome, verdicts, approvers, why } = read.data;
  const sentences = verdicts.filter(({ severity }) => severity !== "inform").map(({ sentence }) => sentence);
  return { event: "gates-decided", outcome, sentences, approvers, why };
}

function ofSettling(what: SettleEvent): RunEvent | undefined {
  switch (what.event) {
    case "run-judged":
      return { event: "judged", verdict: what.verdict, reason: what.reason, figures: what.figures };
    case "run-went-back": {
      const sites = `${what.asked} sites asked, ${what.failing.length} do not serve as before`;
      return { event: "went-back", ok: what.ok, what: what.ok ? sites : (what.errors[0] ?? sites) };
    }
    case "escalated":
      return { event: "escalated", reason: what.reason, done: what.done, figures: what.figures };
    default:
      return undefined;
  }
}

function ofRollout(what: RolloutEvent): RunEvent | undefined {
  switch (what.event) {
    case "wave-started":
      return { event: "wave-started", wave: what.wave };
    case "wave-checked": {
      const { wave, verdict, reason, figures } = what;
      if (verdict === "pass") return { event: "wave-passed", wave, reason, figures };
      return { event: "judged", verdict, reason: `wave ${wave}: ${reason}`, figures, wave };
    }
    case "wave-accepted":
      return { event: "wave-passed", wave: what.wave, reason: `accepted by ${what.by}` };
    case "wave-failed":
      return { event: "wave-failed", wave: what.wave, reason: what.errors[0] ?? "its update failed" };
    case "wave-rolled-back":
      return { event: "went-back", ok: true, what: `wave ${what.wave}` };
    case "wave-held":
      return { event: "paused", reason: `wave ${what.wave}: ${what.reason}`, by: "sitefleet" };
    case "escalated":
      return { event: "escalated", reason: what.reason, done: what.done, figures: what.figures };
    case "paused":
      return { event: "paused", reason: what.reason, by: what.by };
    case "resumed":
      return { event: "resumed", by: what.by };
    case "went-back":
      return { event: "went-back", ok: true, what: "all that the rollout has brought" };
    default:
      return undefined;
  }
}

/** What an operation's end says of incidents. `choice`: it was about a part of the estate. */
export interface Ended {
  readonly operation: string;
  readonly ok: boolean;
  readonly choice: boolean;
  readonly entries: readonly RunEntry[];
  /** The operation's document; undefined when it failed. */
  readonly document?: Readonly<Record<string, unknown>> | undefined;
  /** Address of the CI run that it is part of. */
  readonly link?: string | undefined;
  /** Code and text of the error that it failed with. */
  readonly error?: string | undefined;
}

/** How the driver's refusal of a host's key is written wherever it is repeated. */
const HOST_KEY = /plesk\.ssh\.host-key/;

/** What was seen, for the incidents. What a part of the estate shows raises, and closes nothing. Pure. */
export function observationsOf(ended: Ended, limits: IncidentLimits): Observation[] {
  const seen = [
    ...ofRun(ended, limits),
    ...ofHealth(ended, limits),
    ...ofComparison(ended),
    ...ofSpikes(ended, limits),
  ];
  return ended.choice ? seen.filter(({ firing }) => firing) : seen;
}

function ofRun({ operation, ok, entries, error, link }: Ended, limits: IncidentLimits): Observation[] {
  const judged = entries.findLast((entry) => entry.event === "judged");
  const figures = judged?.figures === undefined ? [] : ofFigures("release", judged.figures, limits);
  const errors = [error ?? "", ...entries.flatMap((entry) => (entry.event === "stack-ended" ? entry.errors : []))];
  const back = ofTakenBack(ok, operation, entries, link);
  if (back !== undefined) figures.push(back);
  if (errors.some((text) => HOST_KEY.test(text))) return [...figures, ofHostKey(PLESK_STACK, true)];
  return ok && operation.startsWith("plesk ") ? [...figures, ofHostKey(PLESK_STACK, false)] : figures;
}

/** Files of evidence that an incident names. */
const EVIDENCE = 10;

/** A release of services that went back is one incident, with what was seen; a later deployment that is proven ends it. */
function ofTakenBack(
  ok: boolean,
  operation: string,
  entries: Ended["entries"],
  link: string | undefined,
): Observation | undefined {
  const back = entries.findLast((entry) => entry.event === "went-back");
  if (back?.services !== undefined) {
    const failed = entries.flatMap((entry) => (entry.event === "flow" && entry.state === "fail" ? entry.evidence : []));
    const evidence = [...(link === undefined ? [] : [link]), ...failed.slice(0, EVIDENCE)];
    return { rule: "taken-back", scope: PLESK_STACK, firing: true, sentence: back.what, evidence };
  }
  const judged = entries.findLast((entry) => entry.event === "judged");
  if (!ok || operation !== "plesk deploy" || judged?.verdict !== "pass") return undefined;
  return { rule: "taken-back", scope: PLESK_STACK, firing: false, sentence: judged.reason };
}

function ofHealth({ operation, document }: Ended, limits: IncidentLimits): Observation[] {
  if (operation !== "health" || document === undefined) return [];
  const results = document.results as readonly HealthResult[];
  const of = (verdict: HealthResult["verdict"]) => results.filter((result) => result.verdict === verdict);
  const [failed, inconclusive] = [of("fail"), of("inconclusive")];
  const judged = results.length - inconclusive.length;
  const { compared, percent } = slowdown(results);
  const times = results.flatMap(({ vantages }) => vantages);
  const later = times.flatMap(({ milliseconds, baselineMs }) =>
    milliseconds === undefined || baselineMs === undefined ? [] : [milliseconds - baselineMs],
  );
  const figures = {
    sites: results.length,
    failed: failed.length,
    inconclusive: inconclusive.length,
    failurePercent: judged === 0 ? 0 : (failed.length / judged) * 100,
    slowdownPercent: percent,
    slowdownMs: later.sort((a, b) => a - b)[Math.floor(later.length / 2)] ?? 0,
    compared,
    examples: failed.map(({ id }) => id),
  };
  return ofFigures("estate", figures, limits);
}

/** Days on which a spike is news: charges of a day are complete up to three days later. */
const FRESH_MS = 4 * 86_400_000;

function ofSpikes({ operation, document }: Ended, limits: IncidentLimits): Observation[] {
  if (operation !== "cost spikes" || document === undefined) return [];
  const spikes = document.spikes as readonly { readonly day: string; readonly above: number }[];
  const fresh = spikes.filter(({ day }) => Date.parse(day) > Date.now() - FRESH_MS);
  return [ofCost("account", Math.max(0, ...fresh.map(({ above }) => above)), limits)];
}

function ofComparison({ operation, ok, document }: Ended): Observation[] {
  if (operation === "drift" && document !== undefined && document.ok === true) {
    const differences = document.differences as readonly { readonly class: string; readonly name: string }[];
    const byHand = differences.filter((one) => one.class === "drift" || one.class === "both");
    const names = byHand.map(({ name }) => name);
    return [ofDrift("estate", byHand.length, names)];
  }
  if (operation !== "preview" || document === undefined || !ok) return [];
  const steps = (document.steps ?? []) as readonly {
    readonly cause?: string;
    readonly name: string;
    readonly op: string;
  }[];
  const drifted = steps.filter(({ cause, op }) => op !== "same" && (cause === "drift" || cause === "both"));
  return [
    ofDrift(
      "estate",
      drifted.length,
      drifted.map(({ name }) => name),
    ),
  ];
}
