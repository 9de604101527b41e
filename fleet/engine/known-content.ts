import { digestOfText } from "../../stacks/digest.ts";
import type { Job } from "./job.ts";

/**
 * Digest of the state that an update has left, by which a later run knows that all of it is as it was declared. Undefined after an update of
 * some sites in a state that another hand had written: what it wrote of the others is in it still. Pure.
 *
 * @param before text of the state that the update began with
 * @param after text of the state that it left
 */
export function knownContent(
  { sites, settled }: Pick<Job, "sites" | "settled">,
  before: string | undefined,
  after: string,
) {
  const whole = sites === undefined || (before !== undefined && digestOfText(before) === settled);
  return whole ? digestOfText(after) : undefined;
}
