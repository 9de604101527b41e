import { z } from "zod";
import type { Row } from "../types.ts";
import type { Estate } from "./estate.ts";

const counts = z.object({ created: z.number(), changed: z.number(), unchanged: z.number() });
const summarySchema = z.object({
  total: counts.extend({ replaced: z.number(), deleted: z.number() }),
  byStack: z.array(z.object({ stack: z.string() })),
  byType: z.array(z.object({ type: z.string(), counts: counts.pick({ created: true, changed: true }) })),
});

/** What `sitefleet up --json` and `preview --json` say. */
export type Summary = z.infer<typeof summarySchema>;

/** Runs a command of ours, measured, and counts the calls that it caused. */
export async function observed(
  estate: Estate,
  labels: Pick<Row, "variant" | "operation" | "sites">,
  args: readonly string[],
): Promise<{ row: Row; summary: Summary }> {
  await estate.requests();
  const { stdout, ...cost } = await estate.sitefleet(...args, "--json");
  const summary = summarySchema.parse(JSON.parse(stdout));
  const { reads, writes } = await estate.requests();
  const { created, changed, unchanged } = summary.total;
  const stacks = summary.byStack.length;
  return { row: { ...labels, stacks, cost, created, changed, unchanged, reads, writes }, summary };
}
