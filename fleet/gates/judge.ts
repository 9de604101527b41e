import type { GateId, Gates } from "../../model/index.ts";
import { stackKind } from "../../stacks/names.ts";
import { loss, stopping } from "./rules.ts";
import { AGENT_RULE, type GateFacts, type GateFinding, type Verdict } from "./types.ts";

/** Rules in the order in which their verdicts are shown. */
const RULES = { ...stopping, loss } as const;
/** Going back is judged by these alone. */
const BACK: readonly GateId[] = ["loss", "delete-database", "delete-zone"];
/** Names that a verdict holds. */
const EXAMPLES = 5;

/** What is done beside judging. */
export interface JudgeGateOptions {
  /** Rules that a person has lifted for this run. @default none */
  readonly allow?: readonly string[];
}

/**
 * Judges a change set. What stands first weighs most. A rule that stops and was lifted by name asks for an approval instead:
 * the person who runs it can never answer alone. Pure.
 */
export function judgeGates(gates: Gates, facts: GateFacts, { allow = [] }: JudgeGateOptions = {}): Verdict[] {
  const found = (Object.keys(RULES) as GateId[]).flatMap((id): Verdict[] => {
    const rule = gates.rules[id];
    if (rule.severity === "off" || (facts.direction === "back" && !BACK.includes(id))) return [];
    const findings: readonly GateFinding[] = RULES[id](gates, rule.scope ? within(facts, rule.scope) : facts);
    return findings.flatMap((finding): Verdict[] => {
      const severity = finding.severity ?? rule.severity;
      if (severity === "off") return [];
      const lifted = severity === "stop" && (allow.includes(id) || finding.answered === true);
      return [
        {
          rule: id,
          severity: lifted ? "approve" : severity,
          sentence: finding.sentence,
          area: rule.area,
          approvals: rule.approvals,
          examples: (finding.examples ?? []).slice(0, EXAMPLES),
          unknown: finding.unknown ? true : undefined,
          lifted: lifted ? true : undefined,
        } as Verdict,
      ];
    });
  });
  return inOrder(found);
}

/**
 * The verdict on whatever an agent begins: a person must say yes, whatever else is asked. It is in no gates.yaml, so that no change and no
 * `--allow` lifts it. Pure.
 */
export const agentVerdict = (agent: string): Verdict => ({
  rule: AGENT_RULE,
  severity: "approve",
  sentence: `the agent ${agent} begins it`,
  area: "general",
  approvals: 1,
  examples: [],
});

const ORDER: readonly Verdict["severity"][] = ["stop", "approve", "inform"];

/**
 * The verdicts of two sets of rules: a change is judged by the rules that were in force before it and by those that it brings, so
 * that no change loosens the rule that judges it. Of each rule and sentence the graver one stays. Pure.
 */
export function graver(a: readonly Verdict[], b: readonly Verdict[]): Verdict[] {
  // Another area is another question: both are asked.
  const keyOf = ({ rule, area }: Verdict) => `${rule} ${area}`;
  const [left, right] = [Map.groupBy(a, keyOf), Map.groupBy(b, keyOf)];
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  const kept = keys.flatMap((key) => {
    const [ours = [], theirs = []] = [left.get(key), right.get(key)];
    const [one, other] = [ours[0], theirs[0]];
    return one && (other === undefined || !isGraver(other, one)) ? ours : theirs;
  });
  return inOrder(kept);
}

const inOrder = (verdicts: readonly Verdict[]): Verdict[] => {
  const rules: readonly string[] = [AGENT_RULE, ...Object.keys(RULES)];
  return [...verdicts].sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || rules.indexOf(a.rule) - rules.indexOf(b.rule),
  );
};

const isGraver = (a: Verdict, b: Verdict): boolean =>
  ORDER.indexOf(a.severity) < ORDER.indexOf(b.severity) || (a.severity === b.severity && a.approvals > b.approvals);

/** The facts of these stacks alone. */
function within(facts: GateFacts, scope: readonly string[]): GateFacts {
  const is = ({ stack }: { readonly stack: string }) =>
    scope.includes(stack) || (scope.includes("cells") && stackKind(stack)?.kind === "cell");
  return { ...facts, changes: facts.changes.filter(is), stacks: facts.stacks.filter(is) };
}
