import { stringify } from "yaml";

/** A label set and the receivers that `amtool config routes test` must name for it. */
export interface RouteCase {
  readonly labels: Readonly<Record<string, string>>;
  readonly receivers: readonly string[];
}

const HEAD = `# Routes of Alertmanager 0.25 and later, made by \`sitefleet alerts --out\`. Each alert is told once, and its end once.
# To be set: the Slack channel, the mail addresses and server, n8n's address. Secrets are in files: 0600, owned by alertmanager.
`;
/** Told again only after so long: the most that Alertmanager remembers by default. */
const REPEAT = "120h";
const SECRETS = "/etc/prometheus/secrets";

/** Who is told of what severity. */
const RECEIVERS = {
  critical: ["slack", "mail", "n8n"],
  warning: ["slack", "n8n"],
} as const;

const CONFIGS = {
  slack: {
    slack_configs: [
      {
        api_url_file: `${SECRETS}/slack-webhook`,
        channel: "#alerts",
        send_resolved: true,
        title: "{{ .Status }}: {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}",
        text: "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ end }}",
      },
    ],
  },
  mail: {
    email_configs: [
      {
        to: "ops@example.org",
        from: "alerts@example.org",
        smarthost: "localhost:587",
        auth_username: "alerts@example.org",
        auth_password_file: `${SECRETS}/smtp-password`,
        send_resolved: true,
        headers: { Subject: "{{ .Status }}: {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}" },
      },
    ],
  },
  n8n: {
    webhook_configs: [
      {
        url: "http://localhost:5678/webhook/sitefleet-alertmanager",
        send_resolved: true,
        http_config: { authorization: { type: "Bearer", credentials_file: `${SECRETS}/n8n-token` } },
      },
    ],
  },
} as const;

/** Alertmanager's configuration. Pure. */
export function alertmanagerFile(): string {
  const receivers = Object.entries(RECEIVERS).map(([name, ways]) => ({
    name,
    ...Object.assign({}, ...ways.map((way) => CONFIGS[way])),
  }));
  const route = {
    // What is of no severity that is known is told as the worst.
    receiver: "critical",
    group_by: ["alertname"],
    group_wait: "30s",
    group_interval: "1m",
    repeat_interval: REPEAT,
    routes: [
      { matchers: ['severity="critical"'], receiver: "critical", group_wait: "0s" },
      { matchers: ['severity="warning"'], receiver: "warning" },
    ],
  };
  return HEAD + stringify({ route, receivers }, { lineWidth: 0 });
}

/** Every rule's route, and that of what is not known. Pure. */
export const routeCases = (rules: readonly { readonly alert: string; readonly severity: string }[]): RouteCase[] => [
  ...rules.map(({ alert, severity }) => ({ labels: { alertname: alert, severity }, receivers: [severity] })),
  { labels: { alertname: "Unknown" }, receivers: ["critical"] },
  { labels: { alertname: "Unknown", severity: "page" }, receivers: ["critical"] },
];
