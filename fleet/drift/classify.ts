import { nameOfUrn } from "../../provider/framework/urn.ts";
import type { Happened } from "../../vendors/history.ts";
import { resourceType, roleOf, vendorOfType } from "../../vendors/index.ts";
import type { Seen } from "../../vendors/inventory.ts";
import { noiseOf } from "../../vendors/noise.ts";
import type { PropertyDiff } from "../engine/diffs.ts";
import type { JobResult } from "../engine/job.ts";
import type { Step } from "../engine/outcome.ts";

/**
 * What a difference between the declaration and what is live is.
 *
 * - `declared`: the declaration was changed and is not carried out yet
 * - `drift`: what is live was changed, and no declaration asked for it
 * - `both`: each was changed
 * - `unknown`: an object that neither a declaration nor a state knows
 * - `noise`: two spellings of one value
 */
type DriftClass = "declared" | "drift" | "both" | "unknown" | "noise";

/** One difference. */
export interface Drifted {
  readonly class: DriftClass;
  /** As people know it: the site, zone, record or service. */
  readonly name: string;
  readonly role: string;
  readonly vendor: string;
  /** Absent of an unknown object. */
  readonly stack?: string;
  readonly urn?: string;
  /** The vendor's id, where there is one. */
  readonly id?: string;
  /** What an update would do: create, update, replace, delete. */
  readonly op?: string;
  readonly diffs: readonly PropertyDiff[];
  /** Of noise: why it is none. */
  readonly reasons: readonly string[];
  /** What an update does about it, and what is lost by it; in a sentence. */
  readonly revert?: string;
  /** Who is known to have done it, newest first. */
  readonly who: readonly Happened[];
}

const CLASSES = { code: "declared", drift: "drift", both: "both" } as const;

/**
 * Tells what differences are. Pure.
 *
 * @param results of a preview that compared with what is live, with causes
 * @param unknown objects that no declaration and no state knows
 * @param happened what vendors say was done, by vendor
 */
export function classify(
  results: readonly Pick<JobResult, "stack" | "steps">[],
  unknown: readonly Seen[] = [],
  happened: ReadonlyMap<string, readonly Happened[]> = new Map(),
): Drifted[] {
  const differing = results.flatMap(({ stack, steps }) =>
    steps.flatMap((step) => (step.component ? [] : driftOf(stack, step, happened))),
  );
  const strange = unknown.map((one): Drifted => {
    const { role, vendor, name, id } = one;
    const who = whoDid(happened.get(vendor) ?? [], [id.slice(id.lastIndexOf("/") + 1), name]);
    return { class: "unknown", name, role, vendor, id, diffs: [], reasons: [], who };
  });
  return [...differing, ...strange];
}

function driftOf(stack: string, step: Step, happened: ReadonlyMap<string, readonly Happened[]>): Drifted[] {
  const { op, urn, type, id, cause } = step;
  const vendor = vendorOfType(type)?.name ?? "";
  const base = { name: nameOfUrn(urn), role: roleOf(type) ?? type, vendor, stack, urn, id, op };
  const rules = resourceType(type)?.noise ?? [];
  const noise = new Map(
    op !== "update" && op !== "replace"
      ? []
      : step.diffs.flatMap((diff) => {
          const rule = noiseOf(rules, {
            name: base.name,
            path: diff.path,
            old: parsed(diff.old),
            next: parsed(diff.new),
          });
          return rule ? [[diff, rule.reason] as const] : [];
        }),
  );
  const real = step.diffs.filter((diff) => !noise.has(diff));
  const found: Drifted[] = [];
  if (noise.size > 0) {
    const reasons = [...new Set(noise.values())];
    found.push({ ...base, class: "noise", diffs: [...noise.keys()], reasons, who: [] });
  }
  if (noise.size > 0 && real.length === 0) return found;
  const kind = cause === undefined ? "declared" : CLASSES[cause];
  const about = [id?.slice(id.lastIndexOf("/") + 1), base.name, step.parent].filter((one) => one !== undefined);
  const who = kind === "declared" ? [] : whoDid(happened.get(vendor) ?? [], about);
  return [...found, { ...base, class: kind, diffs: real, reasons: [], revert: revertOf(step), who }];
}

const parsed = (text: string | undefined): unknown => {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** What is known to have been done to an object, by its id or its name; at most three. */
const whoDid = (happened: readonly Happened[], about: readonly string[]): Happened[] =>
  happened.filter((one) => one.about.some((name) => about.includes(name))).slice(0, 3);

/** What an update does about a difference. Pure. */
function revertOf({ op, type, diffs }: Step): string {
  const losses = resourceType(type)?.losses;
  const with_ = (text: string, loss: string | undefined) => (loss === undefined ? text : `${text}; ${loss}`);
  const named = diffs.slice(0, 3).map(({ path, new: to }) => `${path} to ${to ?? "nothing"}`);
  switch (op) {
    case "create":
      return "it is gone, and an update makes it again";
    case "delete":
      return with_("an update deletes it", losses?.gone);
    case "replace":
      return with_("an update makes it anew", losses?.gone);
    default:
      return with_(`an update sets ${named.join(", ")}${diffs.length > 3 ? ", …" : ""}`, losses?.changed);
  }
}
