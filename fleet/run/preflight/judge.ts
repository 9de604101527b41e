import {
  type Finding,
  type Item,
  KINDS,
  type Kind,
  type Protected,
  type Rules,
  type Safeguard,
  type ShareFigures,
  type StackFacts,
} from "./types.ts";
import { listed, NOUNS, nounOf, shareSentence, updateSentence } from "./words.ts";

/** A larger share that is deleted or replaced is refused, percent; octoDNS refuses deletes from the same share on (its plan.py). */
const SHARE_LIMIT = 30;
/** Below so many that are there no share is judged; octoDNS has the same floor (`MIN_EXISTING_RECORDS` in plan.py). */
const SHARE_FLOOR = 10;
/** Names that a finding holds. */
const EXAMPLES = 5;

/** Kinds that are judged by their share. */
const COUNTED: readonly Kind[] = ["site", "service", "secret", "record"];
/** Kinds of which each single one is judged. */
const SINGLE: Readonly<Partial<Record<Kind, Safeguard>>> = {
  zone: "delete-zone",
  database: "delete-database",
  project: "delete-project",
  environment: "delete-environment",
};

/** An item with the stack that has it. */
type Placed = Item & { readonly stack: string; readonly inRun: boolean };

/**
 * Judges a whole run before anything of it is called. What stands first hurts most. Pure.
 *
 * @param facts The stacks of the run, and the others of the estate with what the catalog takes away there
 */
export function judgeRun(facts: readonly StackFacts[], rules: Rules): Finding[] {
  const placed = facts.flatMap(({ stack, inRun, items }) => items.map((item): Placed => ({ ...item, stack, inRun })));
  const found = [
    ...facts.filter(({ inRun }) => inRun).flatMap(protectedFindings),
    ...KINDS.flatMap((kind) => singleFindings(kind, placed)),
    ...COUNTED.flatMap((kind) => shareFindings(kind, placed)),
    ...COUNTED.flatMap((kind) => updateFindings(kind, placed)),
  ];
  return found.map((finding) => settled(finding, rules));
}

/** The findings that stop the run. Pure. */
export function refusals(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity, lifted }) => severity === "refuse" && !lifted);
}

function settled(finding: Finding, { allow, direction = "forward" }: Rules): Finding {
  if (finding.severity !== "refuse" || finding.safeguard === undefined) return finding;
  if (direction === "back") return { ...finding, severity: "inform" };
  return allow.includes(finding.safeguard) ? { ...finding, lifted: true } : finding;
}

function protectedFindings({ stack, protected: resources }: StackFacts): Finding[] {
  return resources.map((one): Finding => {
    const { type, name, fate, urn } = one;
    return {
      rule: "protected",
      scope: stack,
      severity: "refuse",
      sentence: `${nounOf(type)} ${name} is protected and would be ${fate}`,
      examples: [name],
      wayOn: wayOn(stack, one, urn),
    };
  });
}

function wayOn(stack: string, { type }: Protected, urn: string): string[] {
  const first = type.startsWith("command:")
    ? ["put the service back with `onRemoval: retire`, run sitefleet up, then take it out; or:"]
    : [];
  return [
    ...first,
    `pulumi state unprotect '${urn}' --stack ${stack}`,
    `sitefleet up --except ${stack} does everything else meanwhile`,
  ];
}

function singleFindings(kind: Kind, placed: readonly Placed[]): Finding[] {
  const safeguard = SINGLE[kind];
  if (safeguard === undefined) return [];
  const gone = placed.filter((item) => item.inRun && item.kind === kind && goes(item));
  return [...Map.groupBy(gone, ({ stack, fate }) => `${stack} ${fate}`).values()].map((items): Finding => {
    const [{ stack, fate }] = items as [Placed];
    const names = items.map(({ name }) => name).sort();
    const noun = NOUNS[kind][names.length === 1 ? 0 : 1];
    return {
      rule: safeguard,
      scope: stack,
      severity: "refuse",
      sentence: `${noun} ${listed(names, EXAMPLES)} would be ${fate}`,
      examples: names.slice(0, EXAMPLES),
      safeguard,
    };
  });
}

/** Shares over the estate, and of records within each zone. */
function shareFindings(kind: Kind, placed: readonly Placed[]): Finding[] {
  const all = placed.filter((item) => item.kind === kind);
  const scopes = new Map<string, Placed[]>([["estate", all]]);
  if (kind === "record") {
    for (const [zone, items] of Map.groupBy(all, (item) => item.zone ?? "")) if (zone !== "") scopes.set(zone, items);
  }
  const found = [...scopes].flatMap(([scope, items]) => {
    const figures = figuresOf(items, "gone");
    const gone = items.filter(goes);
    // A run that takes nothing of it away is not to blame for what the catalog takes away elsewhere.
    if (figures.there < SHARE_FLOOR || !gone.some(({ inRun }) => inRun) || !isMore(gone.length, figures.there))
      return [];
    const names = gone.map(({ name }) => name).sort();
    const here = gone.filter(({ inRun }) => inRun).length;
    const finding: Finding = {
      rule: `mass-delete.${kind}`,
      scope,
      severity: "refuse",
      sentence: shareSentence(kind, scope, figures, here),
      figures: { ...figures, limit: SHARE_LIMIT, floor: SHARE_FLOOR },
      examples: names.slice(0, EXAMPLES),
      safeguard: "mass-delete",
    };
    return [finding];
  });
  return found;
}

/** In whole numbers: 3 of 10 is exactly the limit. */
const isMore = (part: number, whole: number) => part * 100 > SHARE_LIMIT * whole;

function updateFindings(kind: Kind, placed: readonly Placed[]): Finding[] {
  const all = placed.filter((item) => item.kind === kind);
  const figures = figuresOf(all, "updated");
  if (figures.there < SHARE_FLOOR || !isMore(figures.updated, figures.there)) return [];
  const names = all.flatMap(({ name, fate }) => (fate === "updated" ? [name] : [])).sort();
  return [
    {
      rule: `mass-update.${kind}`,
      scope: "estate",
      severity: "inform",
      sentence: updateSentence(kind, figures),
      figures,
      examples: names.slice(0, EXAMPLES),
    },
  ];
}

const goes = ({ fate }: Item): boolean => fate === "deleted" || fate === "replaced";

function figuresOf(items: readonly Item[], share: "gone" | "updated"): ShareFigures {
  const count = (fate: Item["fate"]) => items.filter((item) => item.fate === fate).length;
  const [deleted, replaced, updated] = [count("deleted"), count("replaced"), count("updated")];
  const part = share === "gone" ? deleted + replaced : updated;
  const percent = items.length === 0 ? 0 : Math.round((part * 1000) / items.length) / 10;
  return { there: items.length, deleted, replaced, updated, percent };
}
