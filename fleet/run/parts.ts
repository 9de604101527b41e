import type { StackState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import type { SiteTargets } from "../../stacks/site-targets.ts";
import { changedHosts } from "../../stacks/state.ts";

/** Sites that an operation is limited to at most: the engine holds each resource of the stack against each of its targets. */
const MOST_SITES = 50;

/**
 * The sites of a cell that are declared otherwise than they are. An operation on the cell can be limited to them, so that it costs what has
 * changed and not what the cell holds. Undefined where that gains
 * little, since much of the cell differs, and for other stacks. Pure.
 *
 * @param before what the stack is: its last update ended well, and was made by the program of today with the settings of today
 * @param now what it is to be
 */
export function differingPart(before: StackState | undefined, now: StackState): SiteTargets | undefined {
  if (before?.kind !== "cell" || now.kind !== "cell") return undefined;
  const sites = changedHosts({ before, target: now });
  if (sites.length === 0 || sites.length > MOST_SITES || sites.length * 2 > now.sites.length) return undefined;
  return { sites, about: "all", whole: true, current: true };
}

/**
 * Stacks of a run of which only some sites are looked at. None when the shared stack is one of them: what it changes concerns sites that are
 * declared as they were. Pure.
 */
export function partsOf(
  surveyed: readonly { readonly stack: string; readonly part?: SiteTargets | undefined }[],
  stacks: readonly string[],
): ReadonlyMap<string, SiteTargets> {
  if (stacks.includes(SHARED_STACK)) return new Map();
  return new Map(surveyed.flatMap(({ stack, part }) => (part ? [[stack, part] as const] : [])));
}
