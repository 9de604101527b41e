import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tryReceivers } from "../../fleet/notify/index.ts";
import type { NotifyReceiver } from "../../model/index.ts";
import type { Step } from "../../plesk/kinds/step.ts";
import { KIND_STEPS } from "../../plesk/kinds/steps.ts";
import { freePort } from "./live.ts";
import { inScratch } from "./tools.ts";

// npm run n8n: the driver's own steps of kind n8n against a real n8n, on monitoring/n8n/. The container alone is ours: its commands run
// here, its volume /workflows is a directory, and `docker compose up` and `restart` start `n8n start`. Where n8n is kept is said by n8n's
// own variables (DB_TYPE …); without them it is SQLite.

const found = spawnSync("n8n", ["--version"], { encoding: "utf8" });
if (found.error !== undefined) {
  console.log(
    "skipped: n8n is not on PATH; npm install n8n in a directory of its own, and put its node_modules/.bin there",
  );
  process.exit(0);
}
if (found.status !== 0) throw new Error(`n8n does not run: ${found.stderr}`);
console.log(`n8n ${found.stdout.trim()}`);

const SECRET = "secret of this check";

await inScratch(async (dir) => {
  const workflows = join(dir, "workflows");
  cpSync(join("monitoring", "n8n"), workflows, { recursive: true });
  const files = new Map(
    readdirSync(workflows).map((name) => [`workflows/${name}`, readFileSync(join(workflows, name), "utf8")]),
  );
  const port = String(await freePort());
  const env = {
    ...process.env,
    ...{ N8N_USER_FOLDER: dir, N8N_ENCRYPTION_KEY: SECRET, N8N_PORT: port, N8N_LISTEN_ADDRESS: "127.0.0.1" },
    ...{ N8N_BLOCK_ENV_ACCESS_IN_NODE: "false", SITEFLEET_WEBHOOK_SECRET: SECRET },
    ...{ N8N_DIAGNOSTICS_ENABLED: "false", N8N_VERSION_NOTIFICATIONS_ENABLED: "false" },
  };
  let server: ChildProcess | undefined;
  const stop = async () => {
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  /** As docker does what the step says. */
  const carryOut = async ({ argv }: Step): Promise<string> => {
    if (argv.includes("up") || argv.includes("restart")) {
      await stop();
      server = spawn("n8n", ["start"], { env, stdio: ["ignore", "ignore", "inherit"] });
      return "";
    }
    const [program = "", ...args] = argv
      .slice(argv.indexOf("-T") + 2)
      .map((arg) => arg.replaceAll("/workflows", workflows));
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: "utf8", maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`${program} ${args[0]} ended with ${status}: ${stderr.slice(-2000)}`);
    return stdout;
  };
  try {
    for (const step of KIND_STEPS.n8n) {
      if (step.argv.includes("ps")) continue;
      const since = performance.now();
      const output = await carryOut(step);
      const wrong = step.expect?.judge({ output, files });
      if (wrong !== undefined) throw new Error(`${step.name}: ${wrong}`);
      console.log(`${step.name}: well (${((performance.now() - since) / 1000).toFixed(1)} s)`);
    }
    await callHooks(`http://127.0.0.1:${port}/webhook`);
  } finally {
    await stop();
  }
});

/** The web hooks take what sitefleet and Alertmanager send, and refuse the rest. */
async function callHooks(at: string): Promise<void> {
  const receivers = [
    { kind: "webhook", name: "n8n", url: "N8N_URL", secret: "N8N_SECRET", events: [] },
  ] satisfies NotifyReceiver[];
  const notify = `${at}/sitefleet-notify`;
  const tell = async (secret: string) => {
    const [tried] = await tryReceivers(receivers, { N8N_URL: notify, N8N_SECRET: secret }, "this check");
    return tried?.ok === true ? "taken" : (tried?.reason ?? "");
  };
  const alert = async (token: string) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify({
      version: "4",
      status: "firing",
      alerts: [{ status: "firing", labels: { alertname: "x" } }],
    });
    return String((await fetch(`${at}/sitefleet-alertmanager`, { method: "POST", headers, body })).status);
  };
  const said = {
    "a signed message": await tell(SECRET),
    "a message signed with another secret": await tell("other"),
    "an alert with the token": await alert(SECRET),
    "an alert with another token": await alert("other"),
  };
  for (const [what, answer] of Object.entries(said)) console.log(`${what}: ${answer}`);
  const [good, forged, told, foreign] = Object.values(said);
  if (good !== "taken" || forged === "taken" || told !== "200" || foreign !== "401")
    throw new Error("that is not as it is to be");
}
