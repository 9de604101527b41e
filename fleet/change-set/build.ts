import type { Step } from "../engine/outcome.ts";
import type { Finding } from "../run/preflight/types.ts";
import type { RunResult } from "../run/run.ts";
import { summarise } from "../run/summary.ts";
import { changeSetDigest } from "./digest.ts";
import { undoAnswer } from "./losses.ts";
import { compareChanges, groupOf, isRelease } from "./rank.ts";
import { type Change, type ChangeSet, GROUPS } from "./shape.ts";

/** The gates' word: this floor is below theirs. */
interface Gates {
  readonly asks: boolean;
  readonly verdicts: readonly (Omit<NonNullable<ChangeSet["gates"]>["verdicts"][number], "examples"> & {
    readonly examples: readonly string[];
  })[];
}

/** What a run does not know of itself. */
export interface ChangeSetOptions {
  /** Time of the preview. Not part of the digest. */
  readonly createdAt: Date;
  /** What the stacks' names stand for: `sandbox`, or the target of the configuration. Part of the digest. */
  readonly target?: string;
  /** Stacks that were not opened since nothing of theirs can have changed, and why. @default none */
  readonly unopened?: readonly { readonly stack: string; readonly reason: string }[];
  /** The channel that a site or shared project follows, by its name. @default none is named */
  readonly channels?: ReadonlyMap<string, string>;
  /** What the preflight says. @default nothing */
  readonly findings?: readonly Finding[];
  /** What the gates say. @default nothing was asked */
  readonly gates?: Gates | undefined;
  /** What these changes cost. @default it is not said */
  readonly costOf?: (changes: ChangeSet["changes"]) => ChangeSet["cost"];
}

/** The change set of a preview. Pure: the same run gives the same document, in whatever order its stacks ended. */
export function buildChangeSet(run: RunResult, options: ChangeSetOptions): ChangeSet {
  const summary = summarise(run);
  const changes = run.results
    .flatMap(({ stack, steps }) => steps.map((step) => changeOf(stack, step, options.channels)))
    .sort(compareChanges);
  const stacks = run.results
    .map(({ stack, ok, desired, counts }) => ({ stack, ok, desired, counts }))
    .sort((a, b) => byText(a.stack, b.stack));
  const failed = run.results.filter(({ ok }) => !ok);
  const notes = run.results
    .flatMap(({ stack, notes = [] }) => notes.map((note) => ({ stack, ...note })))
    .sort((a, b) => byText(a.stack, b.stack) || byText(a.subject, b.subject));
  const content = {
    target: options.target,
    stacks,
    changes,
  };
  return {
    version: 1,
    digest: changeSetDigest(content),
    ...content,
    createdAt: options.createdAt.toISOString(),
    complete: run.skipped.length === 0 && failed.length === 0,
    total: summary.total,
    types: summary.byType.map(({ type, counts }) => ({ type, counts })),
    groups: GROUPS.map((group) => ({
      group,
      changes: changes.filter((change) => change.group === group).length,
    })).filter(({ changes }) => changes > 0),
    notes: notes.length > 0 ? notes : undefined,
    undo: undoAnswer(changes),
    cost: options.costOf?.(changes),
    preflight: options.findings?.length ? options.findings.map(documented) : undefined,
    gates: options.gates && {
      asks: options.gates.asks,
      verdicts: options.gates.verdicts.map((one) => ({ ...one, examples: [...one.examples] })),
    },
    warnings: gathered(run.results.map(({ stack, warnings }) => ({ stack, messages: warnings }))),
    errors: gathered(failed.map(({ stack, errors }) => ({ stack, messages: errors }))),
    unopened: [
      ...run.skipped.map(({ stack, reason }) => ({ stack, reason, planned: false })),
      ...(options.unopened ?? []).map(({ stack, reason }) => ({ stack, reason, planned: true })),
    ].sort((a, b) => byText(a.stack, b.stack)),
  };
}

/** A finding without what only the program's types hold. */
function documented({ examples, wayOn, ...finding }: Finding) {
  return { ...finding, examples: [...examples], wayOn: wayOn ? [...wayOn] : undefined };
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function changeOf(stack: string, step: Step, channels?: ReadonlyMap<string, string>): Change {
  const { op, type, name, urn, parent, id, keys, protect, component, cause, diffs } = step;
  const channel = isRelease({ type }) ? channels?.get(parent ?? name) : undefined;
  return {
    group: groupOf(step),
    stack,
    op,
    type,
    name,
    urn,
    parent,
    id,
    keys: keys === undefined ? undefined : [...keys],
    protect,
    component,
    channel,
    cause,
    diffs: diffs.map((diff) => ({ ...diff })),
  };
}

/** One entry a message: 66 stacks say the same. */
function gathered(all: readonly { stack: string; messages: readonly string[] }[]): ChangeSet["warnings"] {
  const found = new Map<string, Set<string>>();
  for (const { stack, messages } of all) {
    for (const message of messages) found.set(message, (found.get(message) ?? new Set()).add(stack));
  }
  return [...found]
    .map(([message, stacks]) => ({ message, stacks: [...stacks].sort(byText) }))
    .sort((a, b) => byText(a.message, b.message));
}
