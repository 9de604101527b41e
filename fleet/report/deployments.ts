import type { Report } from "./shape.ts";

/** What deployments came to in a time. Absent: nothing was deployed, which is neither success nor failure. */
export interface Deployments {
  /** ISO 8601: what began before is not counted. */
  readonly since: string;
  readonly runs: number;
  readonly stacks: number;
  readonly failedStacks: number;
  /** Releases of sites and of shared projects. */
  readonly releases: number;
  readonly failedReleases: number;
  /** Of the releases; of the stacks where no release was touched. */
  readonly successPercent?: number | undefined;
  /** Of one stack's update, from its beginning to its end. */
  readonly meanStackSeconds?: number | undefined;
  /** A stack's time divided by the releases in it: they go out side by side. */
  readonly meanReleaseSeconds?: number | undefined;
  readonly wentBack: number;
}

/** Operations that deploy. */
const DEPLOYS = /^(up|rollout|rollback|plesk)/;

/** What the deployments of some runs came to. Pure. @param since ms since 1970 */
export function deploymentsOf(reports: readonly Report[], since: number): Deployments {
  const own = reports.filter(
    ({ jobs, startedAt }) => Date.parse(startedAt) >= since && jobs.some(({ operation }) => DEPLOYS.test(operation)),
  );
  const stacks = own.flatMap((one) => one.stacks);
  const releases = own.reduce((sum, { roles }) => sum + (roles.release?.done ?? 0), 0);
  const failedReleases = own.reduce((sum, { roles }) => sum + (roles.release?.failed ?? 0), 0);
  const failedStacks = stacks.filter(({ ok }) => !ok).length;
  const timed = stacks.flatMap(({ milliseconds }) => milliseconds ?? []);
  const seconds = timed.reduce((sum, ms) => sum + ms, 0) / 1000;
  const [all, failed] =
    releases + failedReleases > 0 ? [releases + failedReleases, failedReleases] : [stacks.length, failedStacks];
  return {
    since: new Date(since).toISOString(),
    runs: own.length,
    stacks: stacks.length,
    failedStacks,
    releases,
    failedReleases,
    successPercent: all === 0 ? undefined : rounded(((all - failed) / all) * 100),
    meanStackSeconds: timed.length === 0 ? undefined : rounded(seconds / timed.length),
    meanReleaseSeconds: releases + failedReleases === 0 ? undefined : rounded(seconds / (releases + failedReleases)),
    wentBack: own.reduce((sum, { wentBack }) => sum + wentBack.length, 0),
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
