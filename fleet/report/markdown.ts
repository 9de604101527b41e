import type { Outcome, Report, RunFigures } from "./shape.ts";
import { sparkline } from "./sparkline.ts";

/** Rows of a table and lines of a list: a report must fit into an issue (65,536 characters) whatever the run. */
const ROWS = 60;
const LINES = 20;
/** Characters of a text that others have written. */
const LONGEST = 240;

const SAYS: Readonly<Record<Outcome, string>> = {
  done: "done",
  waiting: "waits for a person or a later run",
  open: "has not ended: it goes on, or it was killed",
  failed: "failed",
};

/** Longest text, characters: an issue takes 65,536, and something may be put around it. */
const LIMIT = 63_000;

/**
 * The report for people. What others have written stands in code spans, where nothing of it is a link, a mention or HTML. Where
 * it would be too long for an issue each part is cut alike, and says so. Pure.
 */
export function renderReport(report: Report): string {
  const { run, outcome, target, commits, startedAt, endedAt, lastAt } = report;
  const end = endedAt === null ? `at least ${minute(lastAt)}` : minute(endedAt);
  const head = [
    `# Deployment ${code(run)}`,
    "",
    `**${SAYS[outcome]}**. ${code(target)}, from ${minute(startedAt)} to ${end} UTC${duration(report)}.`,
    ...(commits.length === 0
      ? []
      : [
          `Commit ${commits
            .slice(0, LINES)
            .map((one) => code(one))
            .join(", ")}.`,
        ]),
  ];
  const parts = SECTIONS.map(([title, lines]) => ({ title, lines: lines(report) })).filter(
    ({ lines }) => lines.length > 0,
  );
  const text = (room: number) =>
    [...head, ...parts.flatMap(({ title, lines }) => ["", `## ${title}`, "", ...fitting(lines, room)]), ""].join("\n");
  const whole = text(Number.POSITIVE_INFINITY);
  return whole.length <= LIMIT ? whole : text((LIMIT - head.join("").length) / parts.length - 100);
}

/** The first lines, as many as have room. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  let left = room;
  const cut = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return cut === -1 ? lines : [...lines.slice(0, cut), "", "and more, in the report as JSON"];
}

/** A text of others. In a table its bars are kept from ending the cell. Pure. */
function code(text: string, inTable = false): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const plain = short.replaceAll("`", "'").replaceAll(/\s+/g, " ").trim();
  return plain === "" ? "-" : `\`${inTable ? plain.replaceAll("\\", "/").replaceAll("|", "\\|") : plain}\``;
}

const cell = (text: string): string => code(text, true);
const minute = (at: string): string => at.slice(0, 16).replace("T", " ");
const seconds = (ms: number | null | undefined): string => (ms == null ? "-" : `${Math.round(ms / 100) / 10} s`);
const duration = ({ figures: { minutes } }: Report): string => (minutes === undefined ? "" : `, ${minutes} min`);

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  const more = rows.length > ROWS ? ["", `and ${rows.length - ROWS} more`] : [];
  return [line(head), line(head.map(() => "---")), ...rows.slice(0, ROWS).map(line), ...more];
}

function list<Item>(items: readonly Item[], line: (item: Item) => string, most = LINES): string[] {
  const more = items.length > most ? [`- and ${items.length - most} more`] : [];
  return [...items.slice(0, most).map((item) => `- ${line(item)}`), ...more];
}

const met = (is: boolean | null): string => (is === null ? "not known" : is ? "yes" : "**no**");
const targets = ({ targets: rows }: Report): string[] =>
  table(
    ["", "target", "this run", "met"],
    rows.map(({ name, target, value, met: is }) => [name, target, value ?? "not measured", met(is)]),
  );

function changed({ total, roles, stacks }: Report): string[] {
  if (stacks.length === 0) return ["Nothing."];
  const { created, changed: updated, replaced, deleted } = total;
  const kinds = Object.entries(roles).map(
    ([role, { done, failed }]) => `${done} ${role}${failed > 0 ? ` (${failed} failed)` : ""}`,
  );
  const rows = stacks.map((one) => [
    cell(one.stack),
    one.ok ? "yes" : "**no**",
    one.created,
    one.changed,
    one.replaced,
    one.deleted,
    seconds(one.milliseconds),
  ]);
  const names = stacks.flatMap(({ stack, names: of }) => of.map((name) => `${name} (${stack})`));
  return [
    `${created} created, ${updated} changed, ${replaced} replaced, ${deleted} deleted.${kinds.length > 0 ? ` By kind: ${kinds.join(", ")}.` : ""}`,
    "",
    ...table(["stack", "ok", "created", "changed", "replaced", "deleted", "took"], rows),
    ...(names.length > 0 ? ["", ...list(names, (name) => code(name), LINES * 2)] : []),
  ];
}

const approved = ({ approvals, gates: decided }: Report): string[] => {
  const found = list(
    approvals,
    ({ digest, approvers }) => `${approvers.map((name) => code(name)).join(", ")} for ${code(digest.slice(0, 12))}`,
  );
  return found.length > 0 || decided.length === 0 ? found : ["No approval was used."];
};

function gates({ gates: decided, findings, paused }: Report): string[] {
  const why = (text: string | undefined) => (text === undefined ? "" : `; lifted, because ${code(text)}`);
  const said = (sentences: readonly string[]) =>
    sentences.length > 0
      ? `: ${sentences
          .slice(0, LINES)
          .map((text) => code(text))
          .join("; ")}`
      : "";
  return [
    ...list(decided, ({ outcome, sentences, why: reason }) => `${outcome}${said(sentences)}${why(reason)}`),
    ...list(findings, (sentence) => `preflight: ${code(sentence)}`),
    ...list(paused, ({ reason, by }) => `paused by ${code(by)}: ${code(reason)}`),
  ];
}

const waves = ({ waves: all }: Report): string[] =>
  table(
    ["wave", "", "took", "reason"],
    all.map(({ wave, state, seconds: took, reason }) => [
      cell(wave),
      state === "failed" ? "**failed**" : state,
      seconds(took === undefined ? undefined : took * 1000),
      cell(reason),
    ]),
  );

const checks = ({ checks: all }: Report): string[] =>
  table(
    ["", "verdict", "sites", "fail", "not judged", "95th percentile", "reason"],
    all.map(({ wave, verdict, sites, failed, inconclusive, p95Ms, reason }) => [
      wave === undefined ? "run" : cell(wave),
      verdict === "fail" ? "**fail**" : verdict,
      sites ?? "-",
      failed ?? "-",
      inconclusive ?? "-",
      p95Ms === undefined ? "-" : `${p95Ms} ms`,
      cell(reason),
    ]),
  );

const flows = ({ flows: all }: Report): string[] => {
  const failing = all.filter(({ evidence }) => evidence.length > 0);
  const rows = all.map(({ flow, service, state, reason }) => [
    cell(flow),
    cell(service),
    state === "fail" ? "**fail**" : state,
    cell(reason),
  ]);
  const files = failing.map(({ flow, evidence }) => `${code(flow)}: ${evidence.map((file) => code(file)).join(", ")}`);
  return [
    ...table(["flow", "service", "", "reason"], rows),
    ...(files.length > 0 ? ["", ...list(files, (line) => line)] : []),
  ];
};

const back = ({ wentBack, escalated }: Report): string[] => [
  ...list(wentBack, ({ ok, what }) => `${ok ? "went back" : "**going back failed**"}: ${code(what)}`),
  ...list(escalated, ({ reason, done }) => `escalated: ${code(reason)}; ${code(done)}`),
];

const failures = ({ stacks, jobs: all }: Report): string[] => [
  ...list(
    stacks.flatMap(({ stack, errors }) => errors.map((error) => `${stack}: ${error}`)),
    (text) => code(text),
  ),
  ...list(
    all.flatMap(({ operation, reason, outcome }) =>
      outcome === "failed" && reason ? [`${operation}: ${reason}`] : [],
    ),
    (text) => code(text),
  ),
];

const jobs = ({ jobs: all }: Report): string[] =>
  table(
    ["operation", "by", "began", "took", "outcome", "run"],
    all.map(({ operation, by, startedAt, milliseconds, outcome, run, stream }) => [
      cell(operation),
      cell(by),
      minute(startedAt),
      seconds(milliseconds),
      outcome === "failed" ? "**failed**" : outcome,
      cell(run ?? stream),
    ]),
  );

function trend({ trend: earlier, figures }: Report): string[] {
  if (earlier.length === 0) return [];
  const all: readonly RunFigures[] = [...earlier, figures];
  const drawn = (of: (one: RunFigures) => number | undefined) => sparkline(all.map(of));
  const rows = all.map((one) => [
    minute(one.date),
    cell(one.run),
    one.outcome === "failed" ? "**failed**" : one.outcome,
    one.minutes ?? "-",
    `${one.failedStacks} of ${one.stacks}`,
    one.wentBack,
    one.errorPercent ?? "-",
    one.p95Ms ?? "-",
  ]);
  return [
    ...table(["began", "run", "", "minutes", "stacks failed", "went back", "error %", "95th percentile, ms"], rows),
    "",
    `Minutes ${drawn(({ minutes }) => minutes)}, error rate ${drawn(({ errorPercent }) => errorPercent)}, time to answer ${drawn(({ p95Ms }) => p95Ms)}.`,
  ];
}

const incidents = ({ incidents: all }: Report): string[] =>
  list(all, ({ id, rule, sentence, change }) => `${code(id)} ${change}, ${code(rule)}: ${code(sentence)}`);

/** The parts, in their order. */
const SECTIONS: readonly (readonly [title: string, lines: (report: Report) => string[]])[] = [
  ["Targets", targets],
  ["What changed", changed],
  ["Who approved", approved],
  ["Gates", gates],
  ["Waves", waves],
  ["Checks", checks],
  ["User flows", flows],
  ["What went back", back],
  ["Failures", failures],
  ["Incidents", incidents],
  ["Jobs", jobs],
  ["Trend", trend],
];
