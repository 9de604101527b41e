import { z } from "zod";
import type { BadRelease } from "../../fleet/releases/rollback/index.ts";
import { owned } from "../kit/events.ts";

/** Releases that were rolled back, as programs read them. */
export const releasesDocument = owned<BadRelease[]>(
  z.array(
    z.object({
      repository: z.string().describe("owner/name"),
      commit: z.string().describe("40 hex digits"),
      at: z.string().describe("since when, ISO 8601"),
      run: z.string().optional().describe("the run that left it"),
      reason: z.string(),
    }),
  ),
);
