import { BY_HAND, findLimit } from "../../model/index.ts";
import { SECRETS } from "../../vendors/index.ts";
import type { Exported } from "./exports.ts";
import { originOf, type SecretFacts } from "./facts.ts";

/** What an import does; values only in `set`. */
export interface ImportPlan {
  /** Values that go into the configuration. */
  readonly set: ReadonlyMap<string, string>;
  /** Secrets that were set at the vendor by hand, and stay as they are. */
  readonly takenOver: readonly string[];
  /** Set by hand before; now that the value is known the configuration has it. */
  readonly known: readonly string[];
  /** Have a value already, which stays. */
  readonly kept: readonly string[];
  /** Entries of the export that are no secret of the catalog. */
  readonly left: number;
  /** What cannot be; nothing is written then. */
  readonly problems: readonly string[];
}

/** How an import is meant. */
export interface ImportOptions {
  /** Also in place of a value that there is. */
  readonly replace: boolean;
  /** Take over what is at the vendor and has no value here. */
  readonly existing: boolean;
  /** Secrets whose values programs need, so that being at the vendor is not enough. */
  readonly needed: ReadonlySet<string>;
}

/** Decides what an export brings. Pure. */
export function planImport(exported: readonly Exported[], facts: SecretFacts, options: ImportOptions): ImportPlan {
  const { catalog, configured, random, live = new Map<string, number>(), ours } = facts;
  const most = findLimit(catalog.limits, SECRETS.secrets?.limits.bytes ?? "")?.amount ?? Number.POSITIVE_INFINITY;
  const set = new Map<string, string>();
  const [takenOver, known, kept, problems]: [string[], string[], string[], string[]] = [[], [], [], []];
  const used = new Set<Exported>();
  for (const entry of catalog.secrets.entries) {
    const { name, source, database, rotation } = entry;
    const meant = exported.filter(({ names }) => names.includes(name));
    for (const one of meant) used.add(one);
    const best = Math.min(...meant.map(({ names }) => names.indexOf(name)));
    const values = new Set(meant.filter(({ names }) => names.indexOf(name) === best).map(({ value }) => value));
    const [value] = values;
    const there = configured.has(name) || (originOf(entry, configured) === "generated" && random.has(name));
    if (value === undefined) {
      if (!options.existing || there || !live.has(name) || ours.has(name) || source === BY_HAND) continue;
      if (source === "config" && entry.value !== undefined) continue;
      if (database !== undefined || options.needed.has(name))
        problems.push(`${name}: is at the vendor, and its value is needed here`);
      else takenOver.push(name);
    } else if (database?.part === "user") continue;
    else if (there && !options.replace) kept.push(name);
    else if (values.size > 1) problems.push(`${name}: ${values.size} entries have it, with different values`);
    else if (rotation !== undefined) problems.push(`${name}: was rotated here, and its value is made here`);
    else if (value.includes("\0")) problems.push(`${name}: holds a NUL byte`);
    else if (Buffer.byteLength(value) > most)
      problems.push(`${name}: has ${Buffer.byteLength(value)} bytes, and may have ${most}`);
    else {
      set.set(name, value);
      if (source === BY_HAND) known.push(name);
    }
  }
  return { set, takenOver, known, kept, problems, left: exported.filter((one) => !used.has(one)).length };
}
