import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { measure } from "../measure/run.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

const SCRIPT = join(PROJECT_ROOT, "bench/cases/read-charges.ts");
/** What is promised: lines, s, MiB (300 MB). */
const PROMISED = { lines: 1_000_000, seconds: 20, mebibytes: 286 };

const readSchema = z.object({ lines: z.number(), refused: z.number() });

/** (h) Charges of 1500 projects, read from a stream. */
export async function charges(sizes: Sizes, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-charges-"));
  const file = join(dir, "charges.jsonl");
  say(`${sizes.charges} lines of charges`);
  try {
    execFileSync(process.execPath, [SCRIPT, file, String(sizes.charges)], { cwd: PROJECT_ROOT });
    const { stdout, ...cost } = await measure({
      command: process.execPath,
      args: [SCRIPT, file],
      cwd: PROJECT_ROOT,
      env: process.env as Record<string, string>,
      attached: { providers: 0, vendors: 0 },
      processors: availableParallelism(),
    });
    const { lines, refused } = readSchema.parse(JSON.parse(stdout));
    const row: Row = { variant: `${lines} lines`, operation: "read charges", sites: 1500, stacks: 0, cost };
    return { rows: [row], checks: chargeChecks(row, lines, refused) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function chargeChecks({ cost }: Row, lines: number, refused: number): Check[] {
  const claim = `read ${lines} lines of charges`;
  const most = (value: number) => (lines === PROMISED.lines ? ({ is: "at most", value } as const) : undefined);
  return [
    { claim: `${claim}: wall time`, value: cost.wall, unit: "s", target: most(PROMISED.seconds) },
    {
      claim: `${claim}: peak memory`,
      value: Math.round(cost.peak / 2 ** 20),
      unit: "MiB",
      target: most(PROMISED.mebibytes),
    },
    { claim: `${claim}: lines refused`, value: refused, unit: "changes", target: { is: "exactly", value: 0 } },
  ];
}
