import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { HealthResult } from "../../checks/types.ts";
import { EVIDENCE_DIR, EVIDENCE_PREFIX } from "./keep.ts";

/** What is read of a kept result. One that passed has its certificate's end only. */
const resultSchema = z.looseObject({
  id: z.string(),
  kind: z.enum(["site", "service", "deployment"]),
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  reason: z.string(),
  vantages: z.array(
    z.looseObject({
      vantage: z.string(),
      findings: z
        .array(z.looseObject({ about: z.string(), verdict: z.string(), text: z.string().default("") }))
        .default([]),
      evidence: z.array(z.looseObject({ at: z.string(), certificateUntil: z.number().optional() })),
    }),
  ),
});

/** A kept result says nothing of now after so long, ms. */
export const KEPT_COUNTS_MS = 86_400_000;

/** A result that an earlier check kept, and when it asked, ms since 1970. */
export interface KeptResult {
  readonly at: number;
  readonly result: HealthResult;
}

/**
 * Results of the checks that this machine has kept, the newest first, a file at a time: a reader stops when it has what it wants. Damaged
 * lines are left out.
 *
 * @param since ms since 1970; older files are not read
 */
export function* keptResults(stateDir: string, since: number): Generator<KeptResult> {
  const dir = join(stateDir, EVIDENCE_DIR);
  for (const name of filesOf(dir).sort().reverse()) {
    for (const kept of resultsIn(join(dir, name))) if (kept.at >= since) yield kept;
  }
}

/** Files of checks of a part of the estate are many: so many are looked through. */
const LOOKED_AT = 20;

/** The last judgement of each host that this machine has kept. Files that have been read are remembered, for who looks every second. */
export class KeptChecks {
  readonly #dir: string;
  readonly #read = new Map<string, readonly KeptResult[]>();
  #known: { readonly names: string; readonly checks: ReadonlyMap<string, KeptResult> } | undefined;

  constructor(stateDir: string) {
    this.#dir = join(stateDir, EVIDENCE_DIR);
  }

  /** By host, of sites and services: the newest that is not inconclusive, else the newest. The same map while nothing was checked since. */
  latest(): ReadonlyMap<string, KeptResult> {
    const files = filesOf(this.#dir).sort().slice(-LOOKED_AT);
    const names = files.join(" ");
    if (this.#known?.names === names) return this.#known.checks;
    for (const name of this.#read.keys()) if (!files.includes(name)) this.#read.delete(name);
    const checks = new Map<string, KeptResult>();
    for (const name of files) {
      const found = this.#read.get(name) ?? resultsIn(join(this.#dir, name));
      this.#read.set(name, found);
      for (const kept of found) {
        const { id, kind, verdict } = kept.result;
        if (kind === "deployment" || (verdict === "inconclusive" && isJudged(checks.get(id), kept.at))) continue;
        checks.set(id, kept);
      }
    }
    this.#known = { names, checks };
    return checks;
  }
}

/** Is there a judgement that still counted when something else was seen? */
const isJudged = (kept: KeptResult | undefined, at: number): boolean =>
  kept !== undefined && kept.result.verdict !== "inconclusive" && at - kept.at <= KEPT_COUNTS_MS;

const resultsIn = (file: string): KeptResult[] =>
  readText(file)
    .split("\n")
    .flatMap((line) => parse(line) ?? []);

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.startsWith(EVIDENCE_PREFIX) && name.endsWith(".jsonl"));
  } catch {
    return [];
  }
}

/** Another process may have deleted it meanwhile. */
function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function parse(line: string): KeptResult | undefined {
  try {
    const read = resultSchema.parse(JSON.parse(line));
    const vantages = read.vantages.map((one) => ({
      ...one,
      evidence: one.evidence.map(({ certificateUntil: until, ...rest }) =>
        until === undefined ? rest : { ...rest, certificate: { until } },
      ),
    }));
    const at = Math.max(...read.vantages.flatMap(({ evidence }) => evidence.map((one) => Date.parse(one.at))));
    return Number.isFinite(at) ? { at, result: { ...read, vantages } as unknown as HealthResult } : undefined;
  } catch {
    return undefined;
  }
}
