import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { serveMetrics } from "../../cli/metrics-server.ts";
import { renderMetrics, sample } from "../../fleet/metrics/index.ts";
import { createChat } from "../../sandbox/chat/index.ts";
import { serveMail } from "../../sandbox/chat/mail.ts";
import { createContext, createFaultController, serve } from "../../sandbox/core/index.ts";
import { inScratch, read } from "./tools.ts";

/** A message takes at most so long, ms: a scrape, an evaluation of a minute, and a group's wait. */
const LONGEST_MS = 180_000;
/** Nothing more may come for so long, ms. */
const QUIET_MS = 75_000;

/**
 * Starts Prometheus and Alertmanager on the committed rules and routes, stops a service, and waits until Slack, mail and n8n of the
 * sandbox were told; then lets it come back. Prints how long each took.
 */
export async function live(env: NodeJS.ProcessEnv): Promise<void> {
  await inScratch(async (dir) => {
    const chat = createChat(createContext({}));
    const faults = createFaultController();
    const [api, mail] = [await serve(chat, { faults }), await serveMail(chat, 0, faults)];
    const metrics = await serveMetrics({ host: "127.0.0.1", port: 0 });
    const show = (up: number) => {
      const labels = { host: "crm.acme.example", kind: "service", service: "crm" };
      metrics.show(
        renderMetrics([
          sample("sitefleet_build_info", 1, { version: "live" }),
          sample("sitefleet_health_up", up, labels),
        ]),
      );
    };
    show(1);
    const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()];
    writeFileSync(join(dir, "alertmanager.yml"), alertmanagerFor(dir, api.url, mail.port));
    writeFileSync(join(dir, "rules.yml"), read("prometheus/sitefleet.rules.yml"));
    writeFileSync(join(dir, "prometheus.yml"), prometheusFor(new URL(metrics.url).host, alertmanagerPort));
    const started: ChildProcess[] = [];
    const start = (program: string, args: string[]) =>
      started.push(spawn(program, args, { cwd: dir, env, stdio: ["ignore", "ignore", "inherit"] }));
    start("prometheus-alertmanager", [
      ...["--config.file=alertmanager.yml", `--web.listen-address=127.0.0.1:${alertmanagerPort}`],
      ...["--cluster.listen-address=", "--storage.path=alertmanager", "--log.level=error"],
    ]);
    start("prometheus", [
      ...["--config.file=prometheus.yml", `--web.listen-address=127.0.0.1:${prometheusPort}`],
      ...["--storage.tsdb.path=prometheus", "--log.level=error"],
    ]);
    try {
      const count = () =>
        ["slack", "mail", "webhook"].map((service) => chat.messages().filter((one) => one.service === service).length);
      await until(async () =>
        (
          await (await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/query?query=sitefleet_health_up`)).text()
        ).includes('"crm"'),
      );
      for (const [what, up, wanted] of [
        ["down", 0, 1],
        ["back", 1, 2],
      ] as const) {
        const since = performance.now();
        show(up);
        const seen: (number | undefined)[] = [undefined, undefined, undefined];
        await until(async () => {
          for (const [index, messages] of count().entries())
            if (messages >= wanted) seen[index] ??= Math.round((performance.now() - since) / 1000);
          return seen.every((one) => one !== undefined);
        });
        await sleep(QUIET_MS);
        if (count().some((messages) => messages !== wanted))
          throw new Error(`${what}: ${count().join(", ")} messages, not ${wanted} each`);
        console.log(`${what}: Slack after ${seen[0]} s, mail after ${seen[1]} s, n8n after ${seen[2]} s, each once`);
      }
    } finally {
      for (const child of started) child.kill("SIGTERM");
      metrics.close();
      await Promise.all([api.close(), mail.close()]);
      await Promise.all(
        started.map((child) =>
          child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : undefined,
        ),
      );
    }
  });
}

/** The committed routes, with the sandbox's addresses in the places that a person sets. */
function alertmanagerFor(dir: string, api: string, mailPort: number): string {
  const config = parse(read("alertmanager/alertmanager.yml"));
  const secret = (name: string, text: string) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const slack = secret("slack", `${api}/services/T00000000/B00000000/sandbox`);
  const token = secret("token", "sandbox");
  for (const receiver of config.receivers) {
    for (const one of receiver.slack_configs ?? []) one.api_url_file = slack;
    for (const one of receiver.email_configs ?? []) {
      one.smarthost = `127.0.0.1:${mailPort}`;
      one.require_tls = false;
      delete one.auth_username;
      delete one.auth_password_file;
    }
    for (const one of receiver.webhook_configs ?? []) {
      one.url = `${api}/hooks/alertmanager`;
      one.http_config.authorization.credentials_file = token;
    }
  }
  return stringify(config);
}

const prometheusFor = (target: string, alertmanagerPort: number): string =>
  stringify({
    global: { scrape_interval: "15s", evaluation_interval: "1m" },
    rule_files: ["rules.yml"],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
    scrape_configs: [{ job_name: "sitefleet", static_configs: [{ targets: [target] }] }],
  });

async function until(done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await done().catch(() => false))) {
    if (performance.now() > end) throw new Error(`not within ${LONGEST_MS / 1000} s`);
    await sleep(250);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
