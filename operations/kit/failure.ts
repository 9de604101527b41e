import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";

/** An error in a document; docs/reference/errors.md lists the codes. */
export const failureSchema = z.object({
  code: z.string().describe("stable, see docs/reference/errors.md"),
  message: z.string(),
  subject: z.string().optional().describe("the site, service, stack or file concerned"),
  hint: z.string().optional().describe("what to do about it"),
  details: z.array(z.string()).optional().describe("every single problem, when there are several"),
});
/** See {@link failureSchema}. */
export type Failure = z.infer<typeof failureSchema>;

/** What was thrown, as a document has it: what is no error of ours is a defect. Pure. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof SitefleetError) return thrown.toJSON() as Failure;
  return { code: "internal", message: thrown instanceof Error ? thrown.message : String(thrown) };
}
