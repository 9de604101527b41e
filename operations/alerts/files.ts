import { stringify } from "yaml";
import { alertmanagerFile, casesOf, type Rule, routeCases, ruleFile, ruleTests } from "../../fleet/alerts/index.ts";
import { BOARDS } from "./boards.ts";
import { DATA_SOURCE, dashboardOf } from "./panel.ts";

/** A file to be written. */
export interface MonitoringFile {
  /** Below the folder, with `/`. */
  readonly name: string;
  readonly text: string;
}

/** Where the container of the grafana service has its release's `provisioning/`. */
const IN_CONTAINER = "/etc/grafana/provisioning/dashboards";

/** Grafana's side: dashboards, where they are, and where their figures come from. Files are the one place to change them. Pure. */
export function grafanaFiles(): MonitoringFile[] {
  const provider = {
    apiVersion: 1,
    providers: [
      {
        name: "sitefleet",
        folder: "sitefleet",
        type: "file",
        allowUiUpdates: false,
        disableDeletion: false,
        updateIntervalSeconds: 30,
        options: { path: IN_CONTAINER },
      },
    ],
  };
  const source = {
    apiVersion: 1,
    datasources: [
      {
        name: "sitefleet",
        uid: DATA_SOURCE,
        type: "prometheus",
        access: "proxy",
        // Grafana puts the variable's value in its place.
        url: "$PROMETHEUS_URL",
        editable: false,
      },
    ],
  };
  return [
    { name: "dashboards/sitefleet.yaml", text: stringify(provider) },
    { name: "datasources/sitefleet.yaml", text: stringify(source) },
    ...BOARDS.map((board) => ({ name: `dashboards/${board.uid}.json`, text: json(dashboardOf(board)) })),
  ];
}

/** Everything that Prometheus, Alertmanager and Grafana take, with the tests of it. Pure. */
export function monitoringFiles(rules: readonly Rule[]): MonitoringFile[] {
  const routes = rules.map(({ alert, severity }) => ({ alert, severity }));
  return [
    { name: "prometheus/sitefleet.rules.yml", text: ruleFile(rules) },
    { name: "prometheus/sitefleet.rules.test.yml", text: ruleTests(rules.flatMap((rule) => casesOf(rule) ?? [])) },
    { name: "alertmanager/alertmanager.yml", text: alertmanagerFile() },
    { name: "alertmanager/routes.json", text: json(routeCases(routes)) },
    ...grafanaFiles().map(({ name, text }) => ({ name: `grafana/provisioning/${name}`, text })),
  ];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
