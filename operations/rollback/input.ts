import { availableParallelism } from "node:os";
import { z } from "zod";
import { concurrencyFields, wholeNumber } from "../kit/fields.ts";
import { flag } from "../kit/flags.ts";
import { collectHosts } from "../kit/host.ts";

/**
 * Stacks at once when nothing else is said. A promotion is mostly waiting for one answer after the other, so that more
 * engines than in an update find a processor free.
 */
export const ROLLBACK_CONCURRENCY = Math.max(4, availableParallelism() * 3);

/** What goes back, how far, and how much of it at once. */
export const backFields = () => ({
  site: flag(
    z.array(z.string()).optional(),
    "--site <host>",
    "only this site; may be given several times",
    (text, before) => collectHosts(text, before as string[] | undefined),
  ),
  stack: flag(z.array(z.string()).optional(), "--stack <name>", "this stack; may be given several times"),
  run: flag(
    z.string().optional(),
    "--run <id>",
    "undo this run, or rollout: every stack that it touched goes back to what it was before",
  ),
  to: flag(
    z.int().min(1).optional(),
    "--to <version>",
    "to this version of the stack (default: the last one that differs)",
    wholeNumber("--to"),
  ),
  resume: flag(z.string().optional(), "--resume <run>", "go on with a rollback that did not end, also one of `up`"),
  refresh: flag(z.boolean().optional(), "--refresh", "compare with what is live first"),
  ...concurrencyFields(ROLLBACK_CONCURRENCY),
});
const back = z.object(backFields());
/** See {@link backFields}. */
export type BackInput = z.infer<typeof back>;

/** What a preview found and a person agreed to: exactly this goes back, or nothing. */
export const agreedSchema = z.object({
  goals: z.array(z.object({ stack: z.string(), hosts: z.array(z.string()).optional(), to: z.int() })),
  seen: z.record(z.string(), z.int()).describe("by stack: its last update that had changed something"),
  left: z.array(z.object({ stack: z.string(), reason: z.string() })),
});
/** See {@link agreedSchema}. */
export type Agreed = z.infer<typeof agreedSchema>;

/** Runners that are worth starting before it is known which stacks go back. Pure. */
export function runnersFor({ site, stack, run, resume, concurrency = ROLLBACK_CONCURRENCY }: BackInput): number {
  if (run !== undefined || resume !== undefined) return concurrency;
  return Math.min(concurrency, (site ?? stack ?? [""]).length);
}
