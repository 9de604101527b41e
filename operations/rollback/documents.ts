import { z } from "zod";
import { changeSetShape } from "../../fleet/change-set/index.ts";
import type { Left, Loss } from "../../fleet/releases/rollback/index.ts";
import { summaryFields } from "../fleet/documents.ts";
import { healthFields } from "../health/document.ts";
import { owned } from "../kit/events.ts";

const stack = z.string();

const losses = owned<readonly Loss[]>(
  z
    .array(
      z.object({
        stack,
        name: z.string().describe("site, project, zone, secret or service"),
        kind: z
          .enum(["refused", "lost", "slow", "unknown"])
          .describe("refused: cannot go back; lost: something stays lost; slow: a build is needed"),
        reason: z.string(),
      }),
    )
    .describe("what does not come back, or only in part"),
);
const to = z.array(z.object({ stack, version: z.int() })).describe("the versions that the stacks go back to");

/** What `rollback --json` prints. */
export const rollbackDocument = z.object({
  ok: z.boolean(),
  run: z.string(),
  ...summaryFields,
  to,
  losses,
  left: owned<readonly Left[]>(
    z.array(z.object({ stack, reason: z.string() })).describe("stacks without an earlier version"),
  ),
  rebuilt: z
    .array(z.string())
    .describe("sites and shared projects whose old deployment was gone, so that they were built anew"),
  health: z.object(healthFields).optional().describe("what the sites answer that went back"),
});

/** What `rollback --preview --json` prints: a change set, and where it goes. */
export const rollbackPreviewDocument = changeSetShape.extend({ losses, to });

/** What `rollback --list --json` prints. */
export const versionsDocument = z.array(
  z.object({
    stack,
    version: z.int(),
    startedAt: z.string().describe("ISO 8601"),
    ok: z.boolean(),
    whole: z.boolean().describe("restorable"),
  }),
);

/** The part `to` of the documents. Pure. */
export const versionsOf = (aims: readonly { readonly stack: string; readonly to: number }[]) =>
  aims.map(({ stack, to }) => ({ stack, version: to }));
