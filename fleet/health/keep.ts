import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HealthResult } from "../../checks/types.ts";
import { newRunId } from "../backend/journal/journal.ts";
import { writeAtomically } from "../backend/store/state-dir.ts";

/** Files of evidence that are kept; older ones are deleted. An hourly check fills them in two days. */
const KEEP = 50;
/** Their folder in the state directory, and how their names begin. */
export const EVIDENCE_DIR = "evidence";
export const EVIDENCE_PREFIX = "health-";

/**
 * Writes the results as JSON lines into `evidence/` of the state directory. A result that passes has figures only, all others have
 * everything.
 *
 * @returns the file
 */
export function keepEvidence(stateDir: string, results: readonly HealthResult[], now = new Date()): string {
  const dir = join(stateDir, EVIDENCE_DIR);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `${EVIDENCE_PREFIX}${newRunId(now)}.jsonl`);
  const sorted = [...results].sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);
  writeAtomically(file, sorted.map((result) => `${JSON.stringify(shortened(result))}\n`).join(""));
  const old = readdirSync(dir).filter((name) => name.startsWith(EVIDENCE_PREFIX) && name.endsWith(".jsonl"));
  for (const name of old.sort().reverse().slice(KEEP)) rmSync(join(dir, name), { force: true });
  return file;
}

const ORDER = { fail: 0, inconclusive: 1, pass: 2 } as const;

/** Of 1500 hosts that pass everything would be 2.6 MB a run: the last answer's figures are enough. */
function shortened(result: HealthResult): unknown {
  if (result.verdict !== "pass") return result;
  const { id, kind, verdict, reason } = result;
  const vantages = result.vantages.map(({ evidence, findings: _, ...one }) => {
    const [page] = evidence;
    if (page === undefined) return one;
    const { at, status, timing, name, remote, certificate } = page;
    return { ...one, evidence: [{ at, status, timing, name, remote, certificateUntil: certificate?.until }] };
  });
  return { id, kind, verdict, reason, vantages };
}
