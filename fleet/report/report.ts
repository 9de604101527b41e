import type { Figures } from "../backend/journal/verdict.ts";
import type { RunEntry, RunEvent } from "../events/types.ts";
import { figuresOf, targetsOf } from "./figures.ts";
import type { Outcome, Report, RunFigures } from "./shape.ts";

/** The events of one process. */
export interface RunStream {
  /** Its id. */
  readonly stream: string;
  readonly entries: readonly RunEntry[];
}

type Of<Name extends RunEvent["event"]> = Extract<RunEntry, { event: Name }>;

/** Ends by exit code in which nothing failed (docs/reference/cli.md): left for a later run, could not be judged, waits for a yes, stopped. */
const WAITS: ReadonlySet<number> = new Set([3, 4, 6, 130]);
const RANK: readonly Outcome[] = ["done", "waiting", "open", "failed"];

/**
 * The report of a run: of one process, or of several that belong together. Every figure is one of its events', or a sum of them. Pure.
 *
 * @param run the id that was asked for
 * @param trend figures of earlier runs, the oldest first. @default none
 */
export function reportOf(run: string, streams: readonly RunStream[], trend: readonly RunFigures[] = []): Report {
  const entries = streams.flatMap((one) => one.entries).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const of = <Name extends RunEvent["event"]>(name: Name) =>
    entries.filter((entry) => entry.event === name) as unknown as Of<Name>[];
  const jobs = streams.map(jobOf).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const ended = jobs.every(({ outcome }) => outcome !== "open");
  const last = entries.at(-1)?.at ?? "";
  const facts = {
    run,
    outcome: outcomeOf(jobs),
    target: of("started")[0]?.target ?? "",
    commits: unique(of("started").flatMap(({ commit }) => commit ?? [])),
    startedAt: entries[0]?.at ?? "",
    endedAt: ended ? last : null,
    lastAt: last,
    jobs,
    approvals: of("approved").map(({ digest, approvers }) => ({ digest, approvers })),
    gates: of("gates-decided").map(({ outcome, sentences, approvers = [], why }) => {
      return { outcome, sentences, approvers, why };
    }),
    findings: unique(of("findings").flatMap(({ findings }) => findings.map(({ sentence }) => sentence))),
    ...changesOf(of("stack-ended")),
    waves: wavesOf(entries),
    checks: checksOf(entries),
    flows: of("flow").map(({ flow, service, state, reason, evidence }) => {
      return { flow, service, state, reason, evidence };
    }),
    wentBack: of("went-back").map(({ ok, what }) => ({ ok, what })),
    escalated: of("escalated").map(({ reason, done }) => ({ reason, done })),
    paused: of("paused").map(({ reason, by }) => ({ reason, by })),
    incidents: of("incident").map(({ id, rule, scope, change, sentence }) => ({ id, rule, scope, change, sentence })),
  };
  const figures = figuresOf(facts, checked(entries));
  return { ...facts, figures, targets: targetsOf(figures, facts), trend: [...trend] };
}

function jobOf({ stream, entries }: RunStream): Report["jobs"][number] {
  const start = entries.find((entry) => entry.event === "started");
  const end = entries.findLast((entry) => entry.event === "ended");
  const waits = end !== undefined && !end.ok && WAITS.has(end.exitCode);
  // What waits for a yes ends with an error as well.
  const asked =
    end?.code?.startsWith("approval.") === true && entries.some(({ event }) => event === "approval-waiting");
  return {
    stream,
    operation: start?.operation ?? "",
    by: start?.by ?? "",
    startedAt: entries[0]?.at ?? "",
    milliseconds: end?.milliseconds ?? null,
    outcome: end === undefined ? "open" : end.ok ? "done" : waits || asked ? "waiting" : "failed",
    run: end?.run,
    rollout: end?.rollout,
    reason: end?.reason,
  };
}

/** The gravest of the jobs; one that waited, and that a later one has gone on with to its end, waits no more. Pure. */
function outcomeOf(jobs: Report["jobs"]): Outcome {
  const left = jobs.filter(
    ({ outcome, operation }, index) =>
      outcome !== "waiting" ||
      !jobs
        .slice(index + 1)
        .some((later) => later.outcome === "done" && later.operation.split(" ")[0] === operation.split(" ")[0]),
  );
  return left.map(({ outcome }) => outcome).reduce((a, b) => (RANK.indexOf(a) > RANK.indexOf(b) ? a : b), "done");
}

function changesOf(ended: readonly Of<"stack-ended">[]): Pick<Report, "total" | "roles" | "stacks"> {
  const total = { created: 0, changed: 0, replaced: 0, deleted: 0 };
  const roles: Report["roles"] = {};
  const stacks = ended.map(({ stack, ok, counts, milliseconds, names = [], errors, roles: own = {} }) => {
    const { created, changed, replaced, deleted } = counts;
    total.created += created;
    total.changed += changed;
    total.replaced += replaced;
    total.deleted += deleted;
    for (const [role, { done, failed }] of Object.entries(own)) {
      const before = roles[role] ?? { done: 0, failed: 0 };
      roles[role] = { done: before.done + done, failed: before.failed + failed };
    }
    return { stack, ok, created, changed, replaced, deleted, milliseconds, names, errors };
  });
  return { total, roles, stacks };
}

/** What happened to each wave, by the last that was said of it. */
function wavesOf(entries: readonly RunEntry[]): Report["waves"] {
  const waves = new Map<string, Report["waves"][number] & { readonly from: string }>();
  for (const entry of entries) {
    if (entry.event === "wave-started") {
      const { wave, at } = entry;
      // A process that goes on with a wave begins it once more.
      waves.set(wave, { wave, state: "open", reason: "", from: waves.get(wave)?.from ?? at });
    }
    const said = verdictOn(entry);
    if (said === undefined) continue;
    const from = waves.get(said.wave)?.from ?? entry.at;
    waves.set(said.wave, { ...said, from, seconds: (Date.parse(entry.at) - Date.parse(from)) / 1000 });
  }
  return [...waves.values()].map(({ from: _, ...wave }) => wave);
}

function verdictOn(entry: RunEntry): Pick<Report["waves"][number], "wave" | "state" | "reason"> | undefined {
  if (entry.event === "wave-passed") return { wave: entry.wave, state: "passed", reason: entry.reason };
  if (entry.event === "wave-failed") return { wave: entry.wave, state: "failed", reason: entry.reason };
  if (entry.event !== "judged" || entry.wave === undefined) return undefined;
  return { wave: entry.wave, state: entry.verdict === "fail" ? "failed" : "open", reason: entry.reason };
}

function checksOf(entries: readonly RunEntry[]): Report["checks"] {
  return entries.flatMap((entry) => {
    if (entry.event !== "judged" && !(entry.event === "wave-passed" && entry.figures !== undefined)) return [];
    const { sites, failed, inconclusive, p95Ms } = entry.figures ?? {};
    const verdict = entry.event === "judged" ? entry.verdict : ("pass" as const);
    return [{ wave: entry.wave, verdict, reason: entry.reason, sites, failed, inconclusive, p95Ms }];
  });
}

/** The figures of all checks; of a wave that was checked twice the last ones. */
function checked(entries: readonly RunEntry[]): Figures[] {
  const found = new Map<string, Figures>();
  for (const [index, entry] of entries.entries()) {
    if ((entry.event === "judged" || entry.event === "wave-passed") && entry.figures !== undefined)
      found.set(entry.wave ?? `check ${index}`, entry.figures);
  }
  return [...found.values()];
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
