import pLimit from "p-limit";
import type { StackState } from "../../stacks/desired.ts";
import { digestOf } from "../../stacks/digest.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import type { SiteTargets } from "../../stacks/site-targets.ts";
import { changedHosts } from "../../stacks/state.ts";
import { desiredOf, type StateResource } from "../backend/states/checkpoint.ts";
import type { StackInfo } from "../engine/list-stacks.ts";
import { resourcesOf } from "./preflight/resources.ts";
import type { Session } from "./session.ts";

/** Stacks of which only some sites are looked at. */
export type Parts = ReadonlyMap<string, SiteTargets>;

/** States that are read at once. */
const STATES_AT_ONCE = 8;

/** Sites that an operation is limited to at most: the engine holds each resource of the stack against each of its targets. */
const MOST_SITES = 50;

/**
 * The sites of a cell that are declared otherwise than they are. An operation on the cell can be limited to them, so that it costs what has
 * changed and not what the cell holds. Undefined where that gains little, since
 * much of the cell differs, and for other stacks. Pure.
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
 * Stacks of a run of which only some sites need be looked at: their states say themselves that they are what the index knows. None when the
 * shared stack is one of them: what it changes concerns sites that are declared as they were. Reads the states of stacks that differ.
 *
 * @param read a stack's state. @default from the backend
 * @throws SitefleetError `store.unreachable`
 */
export async function partsOf(
  { surveyed, inputs }: Pick<Session, "surveyed"> & { readonly inputs: Pick<Session["inputs"], "state"> },
  stacks: readonly string[],
  read: (stack: string) => Promise<readonly StateResource[]> = resourcesOf,
): Promise<Parts> {
  const differing = surveyed.filter(({ stack, was }) => was !== undefined && stacks.includes(stack));
  if (stacks.includes(SHARED_STACK)) return new Map();
  const limit = pLimit(STATES_AT_ONCE);
  const found = differing.map(({ stack, was }) =>
    limit(async () => {
      const now = await inputs.state(stack);
      const before = now.kind === "cell" ? desiredOf(await read(stack)) : undefined;
      const part = before && digestOf(before) === was ? differingPart(before, now) : undefined;
      return part ? [[stack, part] as const] : [];
    }),
  );
  return new Map((await Promise.all(found)).flat());
}

/** Cells that are what their last updates left, and digests of those states. */
export type Settled = ReadonlyMap<string, string>;

/** See {@link Settled}. Pure. */
export const settledOf = ({ surveyed }: Pick<Session, "surveyed">): Settled =>
  new Map(surveyed.flatMap(({ stack, settled }) => (settled === undefined ? [] : [[stack, settled] as const])));

/** What is known of stacks that no other run has written since: all else of them is to be looked at. Pure. */
export function stillKnown<Known>(
  known: ReadonlyMap<string, Known>,
  before: ReadonlyMap<string, Pick<StackInfo, "lastUpdate">>,
  now: ReadonlyMap<string, Pick<StackInfo, "lastUpdate">>,
): ReadonlyMap<string, Known> {
  return new Map([...known].filter(([stack]) => now.get(stack)?.lastUpdate === before.get(stack)?.lastUpdate));
}

/** Whether of each of these stacks only some sites are looked at. Pure. */
export const areParts = (stacks: readonly string[], parts: Parts): boolean => stacks.every((stack) => parts.has(stack));
