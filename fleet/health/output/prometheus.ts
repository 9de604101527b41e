import type { HealthResult } from "../../../checks/types.ts";
import { reportOf } from "./report.ts";

type Labels = Readonly<Record<string, string | undefined>>;
type Sample = readonly [labels: Labels, value: number];

// prom-client keeps a registry for metrics that live on; here a text is made once of values that are there. It also prints the head
// of a metric without samples, and loads 4 MB of code that is not needed for that.
/**
 * Results in the text format of Prometheus, for the textfile collector of node_exporter or a push gateway. Targets that are
 * inconclusive have no `sitefleet_health_up`: an alert on 0 then never fires for an error of ours. Pure.
 *
 * @param now ms since 1970
 */
export function renderPrometheus(results: readonly HealthResult[], seconds: number, now: number): string {
  const labelsOf = ({ id, kind, zone, cell, service }: HealthResult): Labels => ({
    host: id,
    kind,
    zone,
    cell,
    service,
  });
  const from = (pick: (one: HealthResult["vantages"][number]) => number | undefined): Sample[] =>
    results.flatMap((result) =>
      result.vantages.flatMap((one): Sample[] => {
        const value = pick(one);
        return value === undefined ? [] : [[{ ...labelsOf(result), vantage: one.vantage }, value]];
      }),
    );
  const { counts, slowdown } = reportOf(results, seconds);
  const judged = results.filter(({ verdict }) => verdict !== "inconclusive");
  const families: [name: string, help: string, samples: readonly Sample[]][] = [
    [
      "sitefleet_health_up",
      "1 = passes, 0 = fails; absent while inconclusive",
      judged.map((result) => [labelsOf(result), result.verdict === "pass" ? 1 : 0]),
    ],
    [
      "sitefleet_health_inconclusive",
      "1 = nothing that was seen says anything about the host",
      results.map((result) => [labelsOf(result), result.verdict === "inconclusive" ? 1 : 0]),
    ],
    [
      "sitefleet_health_response_seconds",
      "Time to the head of the answer",
      from(({ milliseconds }) => (milliseconds === undefined ? undefined : milliseconds / 1000)),
    ],
    [
      "sitefleet_health_usual_response_seconds",
      "Median of the earlier times",
      from(({ baselineMs }) => (baselineMs === undefined ? undefined : baselineMs / 1000)),
    ],
    [
      "sitefleet_health_certificate_end_timestamp_seconds",
      "When the certificate ends",
      from(({ evidence }) => {
        const until = evidence.find(({ certificate }) => certificate !== undefined)?.certificate?.until;
        return until === undefined ? undefined : until / 1000;
      }),
    ],
    [
      "sitefleet_health_targets",
      "Targets by verdict",
      Object.entries(counts).map(([verdict, count]) => [{ verdict }, count]),
    ],
    [
      "sitefleet_health_slowdown_ratio",
      "Median change against usual times, 0.3 = 30 % slower",
      [[{}, slowdown.percent / 100]],
    ],
    ["sitefleet_health_duration_seconds", "How long the run took", [[{}, seconds]]],
    ["sitefleet_health_timestamp_seconds", "When the run ended", [[{}, now / 1000]]],
  ];
  const lines = families.flatMap(([name, help, samples]) =>
    samples.length === 0
      ? []
      : [
          `# HELP ${name} ${help}`,
          `# TYPE ${name} gauge`,
          ...samples.map(([labels, value]) => `${name}${text(labels)} ${value}`),
        ],
  );
  return `${lines.join("\n")}\n`;
}

function text(labels: Labels): string {
  const parts = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`],
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}
