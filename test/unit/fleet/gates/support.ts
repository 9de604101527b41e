import { COMPONENT } from "../../../../components/tokens.ts";
import { judgeGates } from "../../../../fleet/gates/judge.ts";
import type { GateChange, GateFacts, Verdict } from "../../../../fleet/gates/types.ts";
import type { Item } from "../../../../fleet/run/preflight/types.ts";
import { type Gates, readGates } from "../../../../model/index.ts";

/** The rules that a text of gates.yaml gives. */
export function rulesOf(text = "{}"): Gates {
  const { gates, problems } = readGates({ gates: text });
  if (gates === undefined || problems.length > 0) throw new Error(problems.join("\n"));
  return gates;
}

/** A Saturday in the host's window. */
export const SATURDAY = new Date("2026-11-28T10:00:00Z");

/** A verdict that asks. */
export const asking = (more: Partial<Verdict> = {}): Verdict => ({
  rule: "many-sites",
  severity: "approve",
  sentence: "60 sites change in one run, more than 50",
  area: "general",
  approvals: 1,
  examples: [],
  ...more,
});

/** Facts in which nothing happens. */
export const facts = (more: Partial<GateFacts> = {}): GateFacts => ({
  changes: [],
  stacks: [],
  live: 1000,
  bad: [],
  migrations: [],
  now: SATURDAY,
  ...more,
});

/** So many sites that get this operation, all in one cell. */
export const sites = (number: number, op = "create", stack = "prod-cell-07"): GateChange[] =>
  Array.from({ length: number }, (_, index) => ({
    stack,
    op,
    type: COMPONENT.site,
    name: `s${index}.example.at`,
    component: true as const,
  }));

/** So many sites of a stack, of which some have a fate. */
export const held = (
  stack: string,
  there: number,
  part: number,
  fate: Item["fate"] = "deleted",
  kind: Item["kind"] = "site",
) => ({
  stack,
  inRun: true,
  protected: [],
  items: Array.from(
    { length: there },
    (_, index): Item => ({
      kind,
      name: `${kind}${index}`,
      ...(index < part ? { fate } : {}),
    }),
  ),
});

/** What the rules say, a line a verdict. */
export const said = (more: Partial<GateFacts>, text = "{}", allow: string[] = []): string[] =>
  judgeGates(rulesOf(text), facts(more), { allow }).map(
    ({ rule, severity, sentence }) => `${severity} ${rule}: ${sentence}`,
  );
