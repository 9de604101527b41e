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
      findings: z.array(z.looseObject({ about: z.string(), verdict: z.string() })).default([]),
      evidence: z.array(z.looseObject({ at: z.string(), certificateUntil: z.number().optional() })),
    }),
  ),
});

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
    const text = readText(join(dir, name));
    for (const line of text.split("\n")) {
      const kept = parse(line);
      if (kept !== undefined && kept.at >= since) yield kept;
    }
  }
}

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
