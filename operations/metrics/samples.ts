import { hostSamples } from "../../fleet/health/index.ts";
import { RULE_IDS } from "../../fleet/incidents/index.ts";
import { known, type Sample, sample } from "../../fleet/metrics/index.ts";
import { judgeWave } from "../../fleet/releases/step/index.ts";
import { VERSION } from "../kit/version.ts";
import { deploymentSamples, rolloutSamples } from "./run-samples.ts";
import type { CheckedHost, HostOfService, Sources } from "./sources.ts";

/** Every metric of the estate. Pure. @param now ms since 1970 */
export function samplesOf(sources: Sources, now: number): Sample[] {
  const { runs, rollout, sites, services, hosts, budgets, incidents, notifications } = sources;
  return [
    sample("sitefleet_build_info", 1, { version: VERSION }),
    ...Object.entries(sources).flatMap(([source, { at, failed }]) => [
      ...known("sitefleet_data_timestamp_seconds", at === undefined ? undefined : at / 1000, { source }),
      sample("sitefleet_data_failed", failed === undefined ? 0 : 1, { source }),
    ]),
    ...healthSamples("site", sites.value ?? []),
    ...healthSamples("service", services.value ?? []),
    ...deploymentSamples(runs.value ?? [], now),
    ...(rollout.at === undefined ? [] : rolloutSamples(rollout.value)),
    ...(hosts.value ?? []).flatMap(serviceSamples),
    ...serverSamples(hosts.value ?? []),
    ...(budgets.value ?? []).flatMap(({ key: budget, amount, used, held, blockedUntil }) => [
      sample("sitefleet_budget_amount", amount, { budget }),
      sample("sitefleet_budget_used", used, { budget }),
      sample("sitefleet_budget_held", held, { budget }),
      ...known("sitefleet_budget_blocked_until_timestamp_seconds", blockedUntil && blockedUntil / 1000, { budget }),
    ]),
    ...(incidents.value === undefined
      ? []
      : RULE_IDS.flatMap((rule) =>
          (["open", "acknowledged"] as const).map((state) => {
            const own = incidents.value?.filter((one) => one.rule === rule && one.state === state) ?? [];
            return sample("sitefleet_incidents", own.length, { rule, state });
          }),
        )),
    ...known("sitefleet_notifications_waiting", notifications.value),
  ];
}

/** Only what a person or Prometheus would be misled by without: figures of nothing are left out. */
function healthSamples(kind: "site" | "service", hosts: readonly CheckedHost[]): Sample[] {
  if (hosts.length === 0) return [];
  const judged = hosts.map(({ last, judged }) => judged ?? last);
  const doubts = hosts.filter(({ last }) => last.verdict === "inconclusive").map(({ last }) => last);
  // The last judgement holds until there is another: a network of ours that is down mends nothing.
  const seen = hostSamples(judged).filter(({ name }) => name !== "sitefleet_health_inconclusive");
  const doubted = new Set(doubts.map(({ id }) => id));
  const cells = kind === "site" ? Map.groupBy(judged, ({ cell }) => cell ?? "") : new Map();
  return [
    ...seen,
    ...hostSamples(judged)
      .filter(({ name }) => name === "sitefleet_health_inconclusive")
      .map((one) => ({ ...one, value: doubted.has(one.labels.host ?? "") ? 1 : 0 })),
    ...shares(judged, { kind }, "health"),
    ...[...cells].flatMap(([cell, own]) => shares(own, { cell }, "cell")),
  ];
}

function shares(results: readonly CheckedHost["last"][], labels: Sample["labels"], of: "health" | "cell"): Sample[] {
  const count = results.filter(({ verdict }) => verdict !== "inconclusive").length;
  if (count === 0) return [];
  const failed = results.filter(({ verdict }) => verdict === "fail").length;
  const { figures } = judgeWave(results, [], { failurePercent: 100, slowdownPercent: 1e9, slowdownFloorMs: 0 });
  const p95 = figures.p95Ms === undefined ? undefined : figures.p95Ms / 1000;
  if (of === "cell")
    return [
      sample("sitefleet_cell_failed_ratio", failed / count, labels),
      ...known("sitefleet_cell_response_p95_seconds", p95, labels),
    ];
  return [
    sample("sitefleet_health_answered_ratio", 1 - (figures.misanswered ?? 0) / count, labels),
    sample("sitefleet_health_failed_ratio", failed / count, labels),
    ...known("sitefleet_health_response_p95_seconds", p95, labels),
  ];
}

const bit = (is: boolean): number => (is ? 1 : 0);
const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

function serviceSamples({ outcome }: HostOfService): Sample[] {
  if (!outcome.ok) return [];
  const { service, deployed, goodAt, cutOff, locked, snapshotAt, database } = outcome.value;
  const labels = { service };
  const { connections, limit, own, longest, slow, migrations } = database?.figures ?? {};
  return [
    sample("sitefleet_service_deployed", bit(deployed), labels),
    ...known("sitefleet_service_good_timestamp_seconds", seconds(goodAt), labels),
    sample("sitefleet_service_cut_off", bit(cutOff), labels),
    sample("sitefleet_service_locked", bit(locked), labels),
    ...known("sitefleet_service_snapshot_timestamp_seconds", seconds(snapshotAt), labels),
    ...known("sitefleet_database_up", database && bit(database.up), labels),
    ...known("sitefleet_database_connections", connections, labels),
    ...known("sitefleet_database_connections_limit", limit, labels),
    ...known("sitefleet_database_own_connections", own, labels),
    ...known("sitefleet_database_longest_query_seconds", longest, labels),
    ...known("sitefleet_database_slow_queries_total", slow, labels),
    ...known("sitefleet_database_migrations", migrations?.applied, { ...labels, state: "applied" }),
    ...known("sitefleet_database_migrations", migrations?.failed, { ...labels, state: "failed" }),
  ];
}

/** Of each host: whether anything of it could be read, and the fullest of its places. */
function serverSamples(hosts: readonly HostOfService[]): Sample[] {
  return [...Map.groupBy(hosts, ({ server }) => server)].flatMap(([server, own]) => {
    const disks = own.flatMap(({ outcome }) => (outcome.ok && outcome.value.disk ? [outcome.value.disk] : []));
    const [fullest] = disks.sort((a, b) => a.freeBytes / a.bytes - b.freeBytes / b.bytes);
    return [
      sample("sitefleet_host_up", bit(own.some(({ outcome }) => outcome.ok)), { server }),
      ...known("sitefleet_host_disk_free_bytes", fullest?.freeBytes, { server }),
      ...known("sitefleet_host_disk_bytes", fullest?.bytes, { server }),
    ];
  });
}
