import { known, type Sample, sample } from "../../fleet/metrics/index.ts";
import { currentWave, isUnfinished } from "../../fleet/releases/rollout/index.ts";
import type { Report } from "../../fleet/report/index.ts";
import type { SourceValues } from "./sources.ts";

/** Figures of several deployments are of so many ms. */
const WINDOW_MS = 7 * 86_400_000;
const OUTCOMES = ["done", "waiting", "open", "failed"] as const;

/** A run that changed something. Pure. */
const isDeployment = ({ stacks, roles }: Report): boolean => stacks.length > 0 || roles.service !== undefined;

const at = (iso: string): number => Date.parse(iso) / 1000;
const share = (percent: number | undefined): number | undefined => (percent === undefined ? undefined : percent / 100);

/** What runs came to. Pure. @param reports the newest first @param now ms since 1970 */
export function deploymentSamples(reports: readonly Report[], now: number): Sample[] {
  const recent = reports.filter(({ startedAt }) => Date.parse(startedAt) > now - WINDOW_MS);
  const deployments = recent.filter(isDeployment);
  const [last] = reports.filter(isDeployment);
  const ended = deployments.flatMap(({ figures }) => figures.minutes ?? []);
  const of = (all: readonly Report[], outcome: string) => all.filter((one) => one.outcome === outcome).length;
  return [
    ...OUTCOMES.map((outcome) => sample("sitefleet_deployments", of(deployments, outcome), { outcome })),
    ...(["open", "waiting"] as const).map((outcome) => sample("sitefleet_runs", of(recent, outcome), { outcome })),
    sample(
      "sitefleet_deployment_rollbacks",
      deployments.reduce((sum, { wentBack }) => sum + wentBack.length, 0),
    ),
    ...known(
      "sitefleet_deployment_mean_duration_seconds",
      ended.length === 0 ? undefined : (ended.reduce((sum, one) => sum + one, 0) / ended.length) * 60,
    ),
    ...(last === undefined ? [] : lastSamples(last)),
    ...stackSamples(reports),
  ];
}

function lastSamples({ outcome, startedAt, figures }: Report): Sample[] {
  const { minutes, services, failedServices, stacks, failedStacks, wentBack, answeredPercent, errorPercent } = figures;
  return [
    sample("sitefleet_deployment_last_timestamp_seconds", at(startedAt)),
    ...OUTCOMES.map((one) => sample("sitefleet_deployment_last_outcome", one === outcome ? 1 : 0, { outcome: one })),
    ...known("sitefleet_deployment_last_duration_seconds", minutes === undefined ? undefined : minutes * 60),
    sample("sitefleet_deployment_last_services", services ?? 0, { result: "done" }),
    sample("sitefleet_deployment_last_services", failedServices ?? 0, { result: "failed" }),
    sample("sitefleet_deployment_last_stacks", stacks - failedStacks, { result: "done" }),
    sample("sitefleet_deployment_last_stacks", failedStacks, { result: "failed" }),
    sample("sitefleet_deployment_last_rollbacks", wentBack),
    ...known("sitefleet_deployment_last_answered_ratio", share(answeredPercent)),
    ...known("sitefleet_deployment_last_failed_ratio", share(errorPercent)),
    ...known(
      "sitefleet_deployment_last_response_p95_seconds",
      figures.p95Ms === undefined ? undefined : figures.p95Ms / 1000,
    ),
  ];
}

/** Of each stack its last update. */
function stackSamples(reports: readonly Report[]): Sample[] {
  const seen = new Map<string, Sample[]>();
  for (const { stacks, lastAt } of reports) {
    // Of one that went back in the same run the last one counts.
    for (const { stack, ok, milliseconds } of stacks.toReversed()) {
      if (seen.has(stack)) continue;
      seen.set(stack, [
        sample("sitefleet_stack_last_ok", ok ? 1 : 0, { stack }),
        ...known("sitefleet_stack_last_duration_seconds", milliseconds && milliseconds / 1000, { stack }),
        sample("sitefleet_stack_last_timestamp_seconds", at(lastAt), { stack }),
      ]);
    }
  }
  return [...seen.values()].flat();
}

/** How the newest rollout stands. Pure. @param newest undefined: there was none yet */
export function rolloutSamples(newest: SourceValues["rollout"]): Sample[] {
  if (newest === undefined || !isUnfinished(newest.record))
    return [sample("sitefleet_rollout_open", 0), sample("sitefleet_rollout_paused", 0)];
  const { record, lastAt } = newest;
  const { soakUntil, notBefore } = currentWave(record) ?? {};
  const times = [record.startedAt, lastAt, soakUntil, notBefore].flatMap((one) => (one === undefined ? [] : at(one)));
  const steps = Map.groupBy(record.waves, ({ step }) => step);
  return [
    sample("sitefleet_rollout_open", 1),
    sample("sitefleet_rollout_paused", record.status === "paused" ? 1 : 0),
    ...[...steps].map(([step, waves]) => sample("sitefleet_rollout_waves", waves.length, { step })),
    sample("sitefleet_rollout_due_timestamp_seconds", Math.max(...times)),
  ];
}
