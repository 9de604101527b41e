import type { StackState } from "../../../stacks/desired.ts";
import { changedHosts, sitesOf, slice } from "../../../stacks/state.ts";
import { HOSTING } from "../../../vendors/index.ts";
import { expectedSteps } from "../../budget/expected.ts";
import type { WorkStep } from "../../budget/index.ts";

const RELEASE = HOSTING.type("release");

/** What bringing a cell from one state to another costs the vendors: new sites in full, a release of the others. Pure. */
export function cellSteps(before: StackState | undefined, target: StackState): readonly WorkStep[] {
  if (target.kind !== "cell") return before === undefined ? expectedSteps(target) : [];
  const old = new Set(sitesOf(before).map(({ host }) => host));
  const { sites } = slice(target, changedHosts({ before, target }));
  const fresh = expectedSteps({ kind: "cell", sites: sites.filter(({ host }) => !old.has(host)) });
  const updated = sites.filter(({ host, project }) => old.has(host) && project.kind === "own");
  return [...fresh, ...updated.map(({ host }) => ({ op: "update", type: RELEASE, name: host }))];
}
