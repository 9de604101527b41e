import type { HealthResult } from "../../../checks/types.ts";
import { known, renderMetrics, type Sample, sample } from "../../metrics/index.ts";
import { reportOf } from "./report.ts";

/**
 * Results in the text format of Prometheus, for the textfile collector of node_exporter or a push gateway. Pure.
 *
 * @param now ms since 1970
 */
export const renderPrometheus = (results: readonly HealthResult[], seconds: number, now: number): string => {
  const { counts, slowdown } = reportOf(results, seconds);
  return renderMetrics([
    ...hostSamples(results),
    ...Object.entries(counts).map(([verdict, count]) => sample("sitefleet_health_targets", count, { verdict })),
    sample("sitefleet_health_slowdown_ratio", slowdown.percent / 100),
    sample("sitefleet_health_duration_seconds", seconds),
    sample("sitefleet_health_timestamp_seconds", now / 1000),
  ]);
};

/**
 * What was seen of each host. Targets that are inconclusive have no `sitefleet_health_up`: an alert on 0 then never fires for an error
 * of ours. Pure.
 */
export function hostSamples(results: readonly HealthResult[]): Sample[] {
  return results.flatMap((result) => {
    const { id: host, kind, zone, cell, service, verdict } = result;
    const labels = { host, kind, zone, cell, service };
    return [
      ...known("sitefleet_health_up", { pass: 1, fail: 0, inconclusive: undefined }[verdict], labels),
      sample("sitefleet_health_inconclusive", verdict === "inconclusive" ? 1 : 0, labels),
      ...result.vantages.flatMap(({ vantage, milliseconds, baselineMs, evidence }) => {
        const until = evidence.find(({ certificate }) => certificate !== undefined)?.certificate?.until;
        const from = { ...labels, vantage };
        return [
          ...known("sitefleet_health_response_seconds", seconds(milliseconds), from),
          ...known("sitefleet_health_usual_response_seconds", seconds(baselineMs), from),
          ...known("sitefleet_health_certificate_end_timestamp_seconds", seconds(until), from),
        ];
      }),
    ];
  });
}

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
