import { z } from "zod";
import { type Analysis, commandsOf } from "../../fleet/analysis/index.ts";
import { changeSetShape } from "../../fleet/change-set/index.ts";
import { stackKind } from "../../stacks/names.ts";

const count = z.int().min(0);
const names = z.array(z.string());

/** What `analyse --json` prints. */
export const analysisDocument = z.object({
  version: z.literal(1),
  from: z.string().describe("commit, or nothing where there was no catalog"),
  to: z.string().describe("commit; files for what lies in the directory; push for a push to a site's repository"),
  changes: z.boolean().describe("something that is declared changes"),
  sites: z.object({ added: names, changed: names, removed: names }).describe("hosts"),
  services: z.object({ added: names, changed: names, removed: names }).describe("keys"),
  others: z
    .array(z.object({ part: z.string(), name: z.string(), change: z.string() }))
    .describe("what sites and services share"),
  why: z
    .array(z.object({ part: z.string(), why: z.string(), count, examples: names }))
    .describe("why each is touched, the most frequent first"),
  stacks: names.describe("stacks that change, in the order in which they are brought up"),
  cells: names.describe("their cells, as --cell takes them"),
  code: names.describe("changed files of the program: what they do only a preview shows"),
  risk: z.object({
    level: z.enum(["low", "medium", "high"]),
    reasons: z.array(z.object({ level: z.enum(["low", "medium", "high"]), sentence: z.string(), evidence: names })),
  }),
  history: z
    .array(
      z.object({
        kind: z.enum(["sites", "services", "shared"]),
        changes: count,
        back: count,
        failed: count,
        examples: names,
      }),
    )
    .describe("how changes of the same stacks have gone, as far as runs are kept"),
  back: z
    .array(z.object({ kind: z.enum(["refused", "lost", "slow", "unknown"]), reason: z.string(), names }))
    .describe("what does not go back, or not by a rollback"),
  strategy: z.object({ kind: z.enum(["direct", "batch", "urgent"]), reason: z.string(), first: names }),
  start: z.object({
    at: z.string().describe("time, ISO 8601"),
    window: z.boolean().describe("it waits for the quiet hours"),
    reason: z.string(),
  }),
  seconds: z.number().describe("from the start to the last stack's end"),
  runs: count.describe("jobs that it takes within their time limit and the vendors' limits"),
  waves: z.array(
    z.object({ name: z.string(), sites: count, stacks: names, pauseSeconds: z.number(), soakSeconds: z.number() }),
  ),
  cost: changeSetShape.shape.cost,
  stopped: z.boolean().describe("a rule of gates.yaml stops it"),
  asks: z.boolean().describe("approvers are declared on the side of the push that it cannot write"),
  approvals: z
    .array(z.object({ area: z.string(), approvals: count, who: names, rules: names }))
    .describe("whose yes is needed before it is carried out"),
  verdicts: z.array(
    z.object({
      rule: z.string(),
      severity: z.enum(["inform", "approve", "stop"]),
      sentence: z.string(),
      area: z.string(),
    }),
  ),
  commands: names.describe("what carries it out; none while it is stopped"),
  notes: names,
  text: z.string().describe("all of it in a paragraph"),
  textBy: z.enum(["rules", "model"]).describe("who has worded the paragraph; the decisions are always the rules'"),
});

/** What was analysed, and how it is worded. */
export interface Analysed {
  readonly from: string;
  readonly to: string;
  readonly analysis: Analysis;
  readonly notes: readonly string[];
  readonly text: string;
  readonly textBy: "rules" | "model";
}

const EXAMPLES = 5;

/** The document of an analysis. Pure. */
export function analysisOf({ analysis, ...head }: Analysed): z.input<typeof analysisDocument> {
  const { compared, plan, verdicts, losses, risks, level, cost } = analysis;
  const { touched, changes, code } = compared;
  const of = (part: string, change: string) =>
    touched.filter((one) => one.part === part && one.change === change).map(({ name }) => name);
  const all = (part: string) => ({
    added: of(part, "added"),
    changed: of(part, "changed"),
    removed: of(part, "removed"),
  });
  const whys = Map.groupBy(touched, ({ part, why }) => `${part}\n${why.join(", ")}`);
  const stacks = changes.map(({ stack }) => stack);
  const reasons = Map.groupBy(losses, ({ kind, reason }) => `${kind}\n${reason}`);
  return {
    version: 1,
    from: head.from,
    to: head.to,
    changes: changes.length > 0,
    sites: all("site"),
    services: all("service"),
    others: touched
      .filter(({ part }) => part !== "site" && part !== "service")
      .map(({ part, name, change }) => ({ part, name, change })),
    why: [...whys]
      .map(([key, list]) => {
        const [part = "", why = ""] = key.split("\n");
        return { part, why, count: list.length, examples: list.slice(0, EXAMPLES).map(({ name }) => name) };
      })
      .sort((a, b) => b.count - a.count),
    stacks,
    cells: stacks.flatMap((stack) => {
      const kind = stackKind(stack);
      return kind?.kind === "cell" ? [kind.cell] : [];
    }),
    code: [...code],
    risk: { level, reasons: risks.map((risk) => ({ ...risk, evidence: [...risk.evidence] })) },
    history: analysis.history.map((one) => ({ ...one, examples: [...one.examples] })),
    back: [...reasons].map(([, list]) => ({
      kind: list[0]?.kind ?? "unknown",
      reason: list[0]?.reason ?? "",
      names: list.map(({ name }) => name),
    })),
    strategy: { kind: plan.strategy.kind, reason: plan.strategy.reason, first: [...plan.strategy.first] },
    start: { at: new Date(plan.startsAt).toISOString(), window: plan.window !== undefined, reason: plan.startReason },
    seconds: plan.plan.seconds,
    runs: plan.plan.runs.length,
    waves: analysis.waves.map((wave) => ({ ...wave, stacks: [...wave.stacks] })),
    cost,
    stopped: verdicts.some(({ severity }) => severity === "stop"),
    asks: analysis.asks,
    approvals: analysis.approvals.map((one) => ({ ...one, who: [...one.who], rules: [...one.rules] })),
    verdicts: verdicts.map(({ rule, severity, sentence, area }) => ({ rule, severity, sentence, area })),
    commands: commandsOf(analysis),
    notes: [...head.notes, ...plan.notes],
    text: head.text,
    textBy: head.textBy,
  };
}
