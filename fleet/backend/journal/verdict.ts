import { z } from "zod";
import { ASPECTS } from "../../../checks/types.ts";

/** What a check after a wave came to; see docs/reference/health.md for the words. */
export const figuresSchema = z.object({
  /** Sites that were asked. */
  sites: z.number(),
  failed: z.number(),
  /** Sites that fail in nothing but what they failed in before; not among the failed. Absent in older records. */
  failedBefore: z.number().optional(),
  inconclusive: z.number(),
  /** Of those that could be judged, percent. */
  failurePercent: z.number(),
  /** Median change against what is usual, percent; negative = faster. */
  slowdownPercent: z.number(),
  /** Median change in ms. */
  slowdownMs: z.number(),
  /** Answers whose usual time is known. */
  compared: z.number(),
  /** Of those that were judged: no answer, or another status than is declared. Absent in older records. */
  misanswered: z.number().optional(),
  /** 95 of 100 answers came within so many ms. Absent where no time is known. */
  p95Ms: z.number().optional(),
  /** Hosts that failed, at most 50. */
  examples: z.array(z.string()),
});
/** Figures of a check after a wave. */
export type Figures = z.infer<typeof figuresSchema>;

/** See `Verdict` of docs/reference/health.md. */
export const verdictSchema = z.enum(["pass", "fail", "inconclusive"]);

/** What a site failed in before the wave: it is not the release's fault. */
export const knownSchema = z.object({ id: z.string(), aspects: z.array(z.enum(ASPECTS)) });
/** What a site failed in before a wave. */
export type Known = z.infer<typeof knownSchema>;
