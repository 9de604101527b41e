import { expect, test } from "vitest";
import { hasCode, type SitefleetError } from "../../../../../errors/index.ts";
import { confirmTarget } from "../../../../../fleet/releases/rollout/start.ts";
import type { RolloutRecord } from "../../../../../fleet/releases/rollout/types.ts";
import type { Session } from "../../../../../fleet/run/session.ts";
import type { CellState, SiteState, StackState } from "../../../../../stacks/desired.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// Breaks when a rollout goes on with another catalog than it began with, or does not say what differs and how to go on.

const STACK = "prod-cell-07";
const site = (host: string, commit = "new"): SiteState => ({
  host,
  project: { kind: "own", name: host, repository: "acme/sites" } as never,
  commit,
});
const cell = (...sites: SiteState[]): CellState => ({ kind: "cell", sites });
const state = tempDir("start-");

/** A session whose catalog says this of stacks; `retired`: it has nothing for these, and the backend has them still. */
function session(states: Record<string, StackState>, retired: readonly string[] = []): Session {
  const stacks = [...Object.keys(states), ...retired];
  const choice = { stacks, retired: new Set(retired) };
  return { inputs: { state: async (stack: string) => states[stack] }, choice, folders: { state } } as never;
}
const record = (target: Record<string, StackState>): RolloutRecord =>
  ({ id: "r1", target, before: Object.fromEntries(Object.keys(target).map((stack) => [stack, null])) }) as never;
const refusal = async (now: Session, then: RolloutRecord): Promise<SitefleetError> => {
  const error = await confirmTarget(now, then).catch((thrown: unknown) => thrown);
  expect(hasCode(error, "rollout.catalog")).toBe(true);
  return error as SitefleetError;
};

test("the same catalog is gone on with, also when other stacks are declared otherwise", async () => {
  const then = record({ [STACK]: cell(site("a.de")) });
  await confirmTarget(session({ [STACK]: cell(site("a.de")), "prod-cell-08": cell(site("b.de", "other")) }), then);
});

test("a site that vanished, one that came and one that is declared otherwise are named, with the ways to go on", async () => {
  const then = record({ [STACK]: cell(site("a.de"), site("b.de")) });
  const { details, hint } = await refusal(session({ [STACK]: cell(site("b.de", "newer"), site("c.de")) }), then);
  expect(details).toEqual([
    "a.de (prod-cell-07) is declared no more",
    "b.de (prod-cell-07) is declared otherwise",
    "c.de (prod-cell-07) is new",
  ]);
  for (const way of ["rollout resume", "rollout abort", "--keep"]) expect(hint).toContain(way);
});

test("a whole release more than fits on a page is counted", async () => {
  const hosts = Array.from({ length: 50 }, (_, index) => `s${index}.de`);
  const then = record({ [STACK]: cell(...hosts.map((host) => site(host))) });
  const { details } = await refusal(session({ [STACK]: cell(...hosts.map((host) => site(host, "x"))) }), then);
  expect(details).toHaveLength(21);
  expect(details.at(-1)).toBe("and 30 more");
});

test("a cell that the rollout empties is as declared before and after it has gone; one that is emptied later is not", async () => {
  const emptied = record({ [STACK]: cell() });
  await confirmTarget(session({}, [STACK]), emptied);
  await confirmTarget(session({}), emptied);
  const { details } = await refusal(session({}, [STACK]), record({ [STACK]: cell(site("a.de")) }));
  expect(details).toEqual(["a.de (prod-cell-07) is declared no more"]);
});
