import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { FAMILIES, type FamilyName } from "../../metrics/index.ts";
import {
  AGGREGATES,
  ARITHMETIC,
  COMPARISONS,
  type Expression,
  isVector,
  type Matcher,
  type Matching,
  SETS,
} from "./expression.ts";

/** What both engines cannot agree on, or cannot read. The message goes on from "the expression". */
export class Refused extends Error {}

/** Signs of regular expressions that RE2 and JavaScript read alike. */
const PLAIN_REGEX = /^[\w .:|()*+?/-]*$/;
const COMPARES: ReadonlySet<string> = new Set(COMPARISONS);
const BINARY: ReadonlySet<string> = new Set([...ARITHMETIC, ...COMPARISONS, ...SETS]);

/**
 * Reads an expression with Prometheus' own grammar, and refuses what `sitefleet watch` would judge otherwise: it sees one moment, and
 * Prometheus a history. Pure.
 *
 * @throws Refused with what is wrong
 */
export function parseExpression(text: string): Expression {
  const tree = parser.parse(text);
  tree.iterate({
    enter(node) {
      if (node.type.isError) throw new Refused(`cannot be read from character ${node.from + 1} on`);
    },
  });
  const root = tree.topNode.firstChild;
  if (root === null) throw new Refused("is empty");
  const read = new Reader(text).read(root);
  if (!isVector(read)) throw new Refused("reads no metric");
  return read;
}

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(node: SyntaxNode): Expression {
    switch (node.name) {
      case "ParenExpr":
        return this.read(first(node));
      case "NumberDurationLiteral":
        return { is: "number", value: this.#number(node) };
      case "VectorSelector":
        return this.#select(node);
      case "FunctionCall":
        return this.#call(node);
      case "AggregateExpr":
        return this.#aggregate(node);
      case "BinaryExpr":
        return this.#binary(node);
      default:
        throw new Refused(`has ${this.#said(node)}: only what holds at one moment can be told by both engines`);
    }
  }

  #said(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to);
  }

  #number(node: SyntaxNode): number {
    const text = this.#said(node);
    if (!/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) throw new Refused(`has ${text}, which is no plain number`);
    return Number(text);
  }

  #select(node: SyntaxNode): Extract<Expression, { is: "select" }> {
    const name = node.getChild("Identifier");
    const metric = name === null ? "" : this.#said(name);
    if (!Object.hasOwn(FAMILIES, metric))
      throw new Refused(`reads ${metric || "a selector without a name"}, which sitefleet does not expose`);
    const labels: readonly string[] = FAMILIES[metric as FamilyName].labels;
    const matchers = children(node.getChild("LabelMatchers")).map((one): Matcher => {
      const [label, op, value] = children(one).map((part) => this.#text.slice(part.from, part.to));
      if (one.name !== "UnquotedLabelMatcher" || label === undefined || value === undefined)
        throw new Refused(`has the matcher ${this.#said(one)}, which Prometheus 2 does not know`);
      if (!labels.includes(label)) throw new Refused(`asks ${metric} for the label ${label}, which it does not have`);
      if (!/^"[^"\\\n]*"$/.test(value))
        throw new Refused(`has ${value}: a label's value stands in double quotes, without escapes`);
      const plain = value.slice(1, -1);
      if (op?.includes("~") && !isPlainRegex(plain))
        throw new Refused(`has the pattern ${value}: words, . * + ? | ( ) are read alike by both engines`);
      return { label, op: op as Matcher["op"], value: plain };
    });
    return { is: "select", metric: metric as FamilyName, matchers };
  }

  #call(node: SyntaxNode): Expression {
    const name = this.#text.slice(node.from, node.getChild("FunctionIdentifier")?.to ?? node.from);
    const given = children(node.getChild("FunctionCallBody"));
    const [argument] = given;
    if (name === "time" && given.length === 0) return { is: "time" };
    if (name !== "absent") throw new Refused(`calls ${name}: only time and absent are known to both engines`);
    if (given.length !== 1 || argument?.name !== "VectorSelector")
      throw new Refused("asks absent for more than one selector");
    return { is: "absent", of: this.#select(argument) };
  }

  #aggregate(node: SyntaxNode): Expression {
    const op = AGGREGATES.find((one) => one === this.#said(first(node)));
    if (op === undefined)
      throw new Refused(
        `aggregates by ${this.#said(first(node))}: only ${AGGREGATES.join(", ")} are known to both engines`,
      );
    const modifier = node.getChild("AggregateModifier");
    if (modifier?.getChild("Without")) throw new Refused("aggregates without labels: name those that stay (by)");
    const given = children(node.getChild("FunctionCallBody"));
    const of = given[0] && this.read(given[0]);
    if (given.length !== 1 || of === undefined || !isVector(of))
      throw new Refused("aggregates something else than series");
    return { is: "aggregate", op, by: this.#labels(modifier), of };
  }

  #labels(node: SyntaxNode | null): string[] {
    return children(node?.getChild("GroupingLabels") ?? null).map((one) => this.#said(one));
  }

  #binary(node: SyntaxNode): Expression {
    const parts = children(node);
    const [a, b] = [parts[0], parts.at(-1)] as [SyntaxNode, SyntaxNode];
    const op = this.#said(parts[1] ?? a).toLowerCase();
    if (!BINARY.has(op)) throw new Refused(`has the operator ${op}, which both engines do not know`);
    if (node.getChild("BoolModifier")) throw new Refused("has bool: an alert is there or is not");
    const [left, right] = [this.read(a), this.read(b)];
    const vectors = [left, right].filter(isVector).length;
    if (vectors < 2 && (SETS as readonly string[]).includes(op)) throw new Refused(`has ${op} beside a number`);
    if (vectors === 0 && COMPARES.has(op)) throw new Refused("compares two numbers");
    const clause = node.getChild("MatchingModifierClause");
    if (clause?.getChild("GroupLeft") || clause?.getChild("GroupRight"))
      throw new Refused("has group_left or group_right: aggregate first, so that one series meets one");
    return { is: "binary", op: op as "+", left, right, matching: clause === null ? undefined : this.#matching(clause) };
  }

  #matching(clause: SyntaxNode): Matching {
    return { on: clause.getChild("On") !== null, labels: this.#labels(clause) };
  }
}

function isPlainRegex(text: string): boolean {
  if (!PLAIN_REGEX.test(text)) return false;
  // Doubled signs mean something else in each.
  if (/[*+?]{2}|\(\?/.test(text)) return false;
  try {
    return new RegExp(text) !== undefined;
  } catch {
    return false;
  }
}

function children(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

function first(node: SyntaxNode): SyntaxNode {
  if (node.firstChild === null) throw new Refused("cannot be read");
  return node.firstChild;
}
