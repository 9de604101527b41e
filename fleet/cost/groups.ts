import type { Driver } from "../../model/index.ts";
import type { Estimate } from "./estimate.ts";

/** How an estimate is divided. */
export const GROUPINGS = ["team", "zone", "kind", "project"] as const;
/** See {@link GROUPINGS}. */
export type Grouping = (typeof GROUPINGS)[number];

/** One part of an estimate. */
export interface CostGroup {
  readonly name: string;
  /** A month's cost in the account's currency, without what is not known. */
  readonly amount: number;
  readonly projects: number;
  readonly dependsOn: readonly Driver[];
  /** A part of it is a share of a shared project. */
  readonly estimated: boolean;
}

/**
 * An estimate divided by team, zone, kind or project, dearest first. A shared project is split over its hosts' zones by their
 * requests, in equal parts where these are not known, and marked as estimated. What no project adds is `(team)`. Pure.
 *
 * @param requests requests of a host, or of a whole zone, in some time. @default not known
 */
export function groupEstimate(
  { projects, team, total }: Estimate,
  by: Grouping,
  requests: ReadonlyMap<string, number> = new Map(),
): CostGroup[] {
  const groups = new Map<string, { amount: number; names: Set<string>; dependsOn: Set<Driver>; estimated: boolean }>();
  const add = (name: string, amount: number, project?: Estimate["projects"][number], estimated = false) => {
    const group = groups.get(name) ?? { amount: 0, names: new Set(), dependsOn: new Set(), estimated: false };
    groups.set(name, group);
    group.amount += amount;
    group.estimated ||= estimated;
    if (project) group.names.add(project.project.name);
    for (const driver of project?.dependsOn ?? []) group.dependsOn.add(driver);
  };
  for (const share of projects) {
    const { name, kind, hosts } = share.project;
    if (by === "team") add("(team)", share.amount, share);
    else if (by === "kind") add(kind, share.amount, share);
    else if (by === "project") add(name, share.amount, share);
    else {
      const weights = hosts.map(({ host, zone }) => {
        const ofZone = (requests.get(zone) ?? 0) / hosts.filter((one) => one.zone === zone).length;
        return requests.get(host) ?? ofZone;
      });
      const sum = weights.reduce((all, weight) => all + weight, 0);
      for (const [index, { zone }] of hosts.entries()) {
        const part = sum > 0 ? (weights[index] ?? 0) / sum : 1 / hosts.length;
        add(zone, share.amount * part, share, new Set(hosts.map((one) => one.zone)).size > 1);
      }
    }
  }
  if (team !== 0 || total === 0) add("(team)", team);
  return [...groups]
    .map(([name, { names, dependsOn, ...rest }]) => ({
      name,
      ...rest,
      projects: names.size,
      dependsOn: [...dependsOn],
    }))
    .sort((a, b) => b.amount - a.amount || (a.name < b.name ? -1 : 1));
}
