import { z } from "zod";
import { QUALITY_CHECKS } from "../../model/index.ts";

const findingSchema = z.object({
  rule: z.string(),
  level: z.enum(["error", "warning", "note"]),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  url: z.string().optional(),
});

const measureSchema = z.object({
  name: z.string(),
  value: z.number(),
  limit: z.number().optional(),
  must: z.enum(["most", "least"]).optional(),
});

/** What is kept of one check. */
export const resultSchema = z.object({
  subject: z.object({ kind: z.enum(["repository", "service", "site"]), key: z.string() }),
  check: z.enum(QUALITY_CHECKS),
  state: z.enum(["pass", "fail", "not-run"]),
  reason: z.string().optional().describe("why it is not known"),
  measures: z.array(measureSchema),
  findings: z.array(findingSchema).describe("the first ones"),
  found: z.int().min(0).describe("how many there are"),
  at: z.string().describe("ISO 8601"),
  seconds: z.number(),
  commit: z.string().optional().describe("of the working copy; absent where it has changes that are in no commit"),
  artifacts: z
    .record(z.string(), z.string())
    .describe("what it was proven for: digests of artifacts by their services"),
});
/** See {@link resultSchema}. */
export type QualityResult = z.infer<typeof resultSchema>;

/** What a run came to, as documents show it. */
export interface QualityDocument {
  readonly at: string;
  readonly results: readonly QualityResult[];
}
