import type { Board, Panel } from "./panel.ts";

const stat = (title: string, expr: string, more: Partial<Panel> = {}): Panel => ({
  title,
  kind: "stat",
  queries: [[expr, ""]],
  size: [4, 4],
  ...more,
});
const lines = (title: string, queries: Panel["queries"], more: Partial<Panel> = {}): Panel => ({
  title,
  kind: "timeseries",
  queries,
  ...more,
});

const ESTATE: Board = {
  uid: "sitefleet-estate",
  title: "sitefleet: estate",
  panels: [
    stat("Services down", 'count(sitefleet_health_up{kind="service"} == 0) or vector(0)', { redFrom: 1 }),
    stat("Sites down", 'count(sitefleet_health_up{kind="site"} == 0) or vector(0)', { redFrom: 1 }),
    stat("Alerts", 'count(ALERTS{alertstate="firing"}) or vector(0)', { redFrom: 1 }),
    stat("Answered as declared", "min(sitefleet_health_answered_ratio)", { unit: "percentunit", redBelow: 1 }),
    stat("Oldest figures", "max(time() - sitefleet_data_timestamp_seconds)", { unit: "s", redFrom: 7200 }),
    stat("Open incidents", 'sum(sitefleet_incidents{state="open"})', { redFrom: 1 }),
    lines("Share that fails", [["sitefleet_health_failed_ratio", "{{kind}}"]], { unit: "percentunit", redFrom: 0.01 }),
    lines("Time to answer, 95th percentile", [["sitefleet_health_response_p95_seconds", "{{kind}}"]], {
      unit: "s",
      redFrom: 0.5,
    }),
    lines("Cells that fail most", [["topk(10, sitefleet_cell_failed_ratio)", "cell {{cell}}"]], {
      unit: "percentunit",
    }),
    lines("Slowest cells", [["topk(10, sitefleet_cell_response_p95_seconds)", "cell {{cell}}"]], { unit: "s" }),
    {
      title: "Hosts that fail",
      kind: "table",
      queries: [["sitefleet_health_up == 0", ""]],
    },
    {
      title: "Certificates that end next",
      kind: "table",
      unit: "s",
      queries: [["bottomk(20, sitefleet_health_certificate_end_timestamp_seconds - time())", ""]],
    },
  ],
};

const DEPLOYMENTS: Board = {
  uid: "sitefleet-deployments",
  title: "sitefleet: deployments",
  panels: [
    stat("Last deployment took", "sitefleet_deployment_last_duration_seconds", { unit: "s", redFrom: 1800 }),
    stat("Services deployed", 'sitefleet_deployment_last_services{result="done"}'),
    stat("Services failed", 'sitefleet_deployment_last_services{result="failed"}', { redFrom: 1 }),
    stat("Stacks failed", 'sitefleet_deployment_last_stacks{result="failed"}', { redFrom: 1 }),
    stat("Went back", "sitefleet_deployment_last_rollbacks", { redFrom: 1 }),
    stat("Waits for a person", 'sitefleet_runs{outcome="waiting"}', { redFrom: 1 }),
    stat("Answered after it", "sitefleet_deployment_last_answered_ratio", { unit: "percentunit", redBelow: 1 }),
    stat("Failed after it", "sitefleet_deployment_last_failed_ratio", { unit: "percentunit", redFrom: 0.001 }),
    stat("95th percentile after it", "sitefleet_deployment_last_response_p95_seconds", { unit: "s", redFrom: 0.5 }),
    stat("Rollout open", "sitefleet_rollout_open"),
    stat("Rollout paused", "sitefleet_rollout_paused", { redFrom: 1 }),
    stat("Rollout overdue", "time() - sitefleet_rollout_due_timestamp_seconds", { unit: "s", redFrom: 3600 }),
    lines("Deployments of 7 days", [["sitefleet_deployments", "{{outcome}}"]]),
    lines(
      "Duration",
      [
        ["sitefleet_deployment_last_duration_seconds", "last"],
        ["sitefleet_deployment_mean_duration_seconds", "mean of 7 days"],
      ],
      { unit: "s" },
    ),
    lines("Slowest stacks", [["topk(10, sitefleet_stack_last_duration_seconds)", "{{stack}}"]], { unit: "s" }),
    lines(
      "Budgets used",
      [["(sitefleet_budget_used + sitefleet_budget_held) / sitefleet_budget_amount", "{{budget}}"]],
      {
        unit: "percentunit",
        redFrom: 0.9,
      },
    ),
    { title: "Stacks whose last update failed", kind: "table", queries: [["sitefleet_stack_last_ok == 0", ""]] },
  ],
};

const SERVICES: Board = {
  uid: "sitefleet-services",
  title: "sitefleet: services and hosts",
  panels: [
    lines("Disk free", [["sitefleet_host_disk_free_bytes / sitefleet_host_disk_bytes", "{{server}}"]], {
      unit: "percentunit",
      redBelow: 0.2,
    }),
    lines(
      "Connections in use",
      [["sitefleet_database_connections / sitefleet_database_connections_limit", "{{service}}"]],
      { unit: "percentunit", redFrom: 0.9 },
    ),
    lines("Connections of the service itself", [["sitefleet_database_own_connections", "{{service}}"]]),
    lines("Longest query", [["sitefleet_database_longest_query_seconds", "{{service}}"]], { unit: "s", redFrom: 60 }),
    lines("Slow queries a minute", [["rate(sitefleet_database_slow_queries_total[10m]) * 60", "{{service}}"]]),
    lines("Failed migrations", [['sitefleet_database_migrations{state="failed"}', "{{service}}"]], { redFrom: 1 }),
    {
      title: "Age of the newest snapshot",
      kind: "table",
      unit: "s",
      queries: [["time() - sitefleet_service_snapshot_timestamp_seconds", ""]],
    },
    { title: "Databases", kind: "table", queries: [["sitefleet_database_up", ""]] },
    {
      title: "Cut off, or locked",
      kind: "table",
      queries: [["sitefleet_service_cut_off == 1 or sitefleet_service_locked == 1", ""]],
    },
    lines("Time to answer", [['sitefleet_health_response_seconds{kind="service"}', "{{service}} {{vantage}}"]], {
      unit: "s",
      redFrom: 2,
    }),
  ],
};

/** Every dashboard. */
export const BOARDS: readonly Board[] = [ESTATE, DEPLOYMENTS, SERVICES];
