import type { StackState } from "../../../stacks/desired.ts";
import { expectedSteps } from "../../budget/expected.ts";
import type { WorkStep } from "../../budget/index.ts";
import { changedHosts } from "./plan.ts";

const RELEASE = "sitefleet:vercel:Release";

/** What bringing a cell from one state to another costs the vendors: new sites in full, a release of the others. Pure. */
export function cellSteps(before: StackState | undefined, target: StackState): readonly WorkStep[] {
  if (target.kind !== "cell") return before === undefined ? expectedSteps(target) : [];
  const changed = new Set(changedHosts({ before, target }));
  const old = new Set(before?.kind === "cell" ? before.sites.map(({ host }) => host) : []);
  const sites = target.sites.filter(({ host }) => changed.has(host));
  const fresh = expectedSteps({ kind: "cell", sites: sites.filter(({ host }) => !old.has(host)) });
  const updated = sites.filter(({ host, project }) => old.has(host) && project.kind === "own");
  return [...fresh, ...updated.map(({ host }) => ({ op: "update", type: RELEASE, name: host }))];
}
