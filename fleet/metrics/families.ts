/** What a metric is. Label values come from the catalog or from a fixed list: none is a commit, a run or a path. */
export interface Family {
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: readonly string[];
}

const gauge = (help: string, ...labels: string[]): Family => ({ type: "gauge", help, labels });
const HOST = ["host", "kind", "zone", "cell", "service"];

/**
 * Every metric that sitefleet exposes, in the order in which they are printed. Names are an interface: alert rules and dashboards use
 * them. docs/reference/metrics.md lists them.
 */
export const FAMILIES = {
  sitefleet_build_info: gauge("1; which version exposes this", "version"),
  sitefleet_data_timestamp_seconds: gauge("When the oldest of what is exposed of a source was measured", "source"),
  sitefleet_data_failed: gauge("1 = a source could not be read; what is exposed of it is older", "source"),

  sitefleet_health_up: gauge("1 = passes, 0 = fails; absent while inconclusive", ...HOST),
  sitefleet_health_inconclusive: gauge("1 = nothing that was seen says anything about the host", ...HOST),
  sitefleet_health_response_seconds: gauge("Time to the head of the answer", ...HOST, "vantage"),
  sitefleet_health_usual_response_seconds: gauge("Median of the earlier times", ...HOST, "vantage"),
  sitefleet_health_certificate_end_timestamp_seconds: gauge("When the certificate ends", ...HOST, "vantage"),
  sitefleet_health_targets: gauge("Targets by verdict", "verdict"),
  sitefleet_health_slowdown_ratio: gauge("Median change against usual times, 0.3 = 30 % slower"),
  sitefleet_health_duration_seconds: gauge("How long the run took"),
  sitefleet_health_timestamp_seconds: gauge("When the run ended"),
  sitefleet_health_answered_ratio: gauge("Share of those that were judged that answered as declared", "kind"),
  sitefleet_health_failed_ratio: gauge("Share of those that were judged that fail", "kind"),
  sitefleet_health_response_p95_seconds: gauge("95 of 100 answers came within this time", "kind"),
  sitefleet_cell_failed_ratio: gauge("Share of a cell's judged sites that fail", "cell"),
  sitefleet_cell_response_p95_seconds: gauge("95 of 100 answers of a cell's sites came within this time", "cell"),

  sitefleet_deployments: gauge("Deployments of the last 7 days", "outcome"),
  sitefleet_deployment_rollbacks: gauge("Times that something went back in the last 7 days"),
  sitefleet_deployment_mean_duration_seconds: gauge("Mean duration of the deployments of the last 7 days that ended"),
  sitefleet_deployment_last_timestamp_seconds: gauge("When the last deployment began"),
  sitefleet_deployment_last_outcome: gauge("1 for what became of the last deployment, 0 for the rest", "outcome"),
  sitefleet_deployment_last_duration_seconds: gauge("How long the last deployment took; absent while it goes on"),
  sitefleet_deployment_last_services: gauge("Services that the last deployment touched", "result"),
  sitefleet_deployment_last_stacks: gauge("Stacks that the last deployment changed", "result"),
  sitefleet_deployment_last_rollbacks: gauge("Times that something of the last deployment went back"),
  sitefleet_deployment_last_answered_ratio: gauge("Share of checked sites that answered as declared after it"),
  sitefleet_deployment_last_failed_ratio: gauge("Share of checked sites that failed after it"),
  sitefleet_deployment_last_response_p95_seconds: gauge("95 of 100 answers after it came within this time"),
  sitefleet_stack_last_ok: gauge("1 = its last update ended well", "stack"),
  sitefleet_stack_last_duration_seconds: gauge("How long its last update took", "stack"),
  sitefleet_stack_last_timestamp_seconds: gauge("When its last update ended", "stack"),
  sitefleet_runs: gauge("Runs of the last 7 days that are open or wait for a person", "outcome"),
  sitefleet_rollout_open: gauge("1 = a rollout is not at its end"),
  sitefleet_rollout_paused: gauge("1 = that rollout is paused"),
  sitefleet_rollout_waves: gauge("Waves of that rollout", "step"),
  sitefleet_rollout_due_timestamp_seconds: gauge("When that rollout is to go on: its last step, or the end of a soak"),

  sitefleet_host_up: gauge("1 = the account can log in", "server"),
  sitefleet_host_disk_free_bytes: gauge("Free for the account, the least of its places", "server"),
  sitefleet_host_disk_bytes: gauge("Size of that place", "server"),
  sitefleet_service_deployed: gauge("1 = a release of ours is live", "service"),
  sitefleet_service_good_timestamp_seconds: gauge("When the live release was last found good", "service"),
  sitefleet_service_cut_off: gauge("1 = a run was cut off; the next one puts back first", "service"),
  sitefleet_service_locked: gauge("1 = a run holds its lock", "service"),
  sitefleet_service_snapshot_timestamp_seconds: gauge("When its database's newest snapshot was taken", "service"),
  sitefleet_database_up: gauge("1 = the database lets the service's user in", "service"),
  sitefleet_database_connections: gauge("Connections to its server, of all users", "service"),
  sitefleet_database_connections_limit: gauge("Connections that its server takes", "service"),
  sitefleet_database_own_connections: gauge("Connections of the service's user", "service"),
  sitefleet_database_longest_query_seconds: gauge("The longest query of the service's user that runs now", "service"),
  sitefleet_database_slow_queries_total: {
    type: "counter",
    help: "Slow queries of its server since that started (MariaDB)",
    labels: ["service"],
  },
  sitefleet_database_migrations: gauge("Migrations that its own tool has noted", "service", "state"),

  sitefleet_budget_amount: gauge("What a vendor allows in its window", "budget"),
  sitefleet_budget_used: gauge("Used of it within the window", "budget"),
  sitefleet_budget_held: gauge("Promised to runs", "budget"),
  sitefleet_budget_blocked_until_timestamp_seconds: gauge("Until when the vendor refuses all calls", "budget"),

  sitefleet_incidents: gauge("Incidents that are not closed", "rule", "state"),
  sitefleet_notifications_waiting: gauge("Messages that could not be delivered yet"),
} as const satisfies Readonly<Record<string, Family>>;

/** Name of a metric. */
export type FamilyName = keyof typeof FAMILIES;
