import { z } from "zod";
import type { HealthResult, Report } from "../../fleet/health/index.ts";
import { owned } from "../kit/events.ts";

/** How a check is judged. */
export const verdictSchema = z.enum(["pass", "fail", "inconclusive"]);
const verdict = verdictSchema;
const count = z.int().min(0);

/** What was found of one host. */
const result = owned<HealthResult>(
  z.looseObject({
    id: z.string().describe("its host; of a deployment its address"),
    kind: z.enum(["site", "service", "deployment"]),
    host: z.string(),
    url: z.string(),
    verdict,
    reason: z.string().describe("one line: what decided"),
    vantages: z.array(
      z.looseObject({
        vantage: z.string(),
        verdict,
        findings: z.array(z.looseObject({ about: z.string(), verdict: z.string(), text: z.string() })),
        milliseconds: z.number().optional(),
        tries: count,
        evidence: z.array(z.looseObject({ url: z.string() })),
      }),
    ),
  }),
);

/** The figures of checks and their results, see `reportOf`. */
export const healthFields = {
  verdict,
  counts: owned<Report["counts"]>(z.object({ pass: count, fail: count, inconclusive: count })),
  failing: owned<Report["failing"]>(z.record(z.string(), count).describe("hosts by what they fail in")),
  failureRate: z.number().describe("0 to 1, of those that could be judged"),
  slowdown: owned<Report["slowdown"]>(
    z.object({ compared: count, percent: z.number() }).describe("median against each host's own"),
  ),
  seconds: z.number(),
  results: z.array(result),
};
