import { FAMILIES, type FamilyName, renderMetrics, sample } from "../../fleet/metrics/index.ts";
import { live } from "./live.ts";
import { missingTools, read, run } from "./tools.ts";

// npm run alerts:check [-- --live] [-- --bin DIR]: what promtool and amtool say of monitoring/ and of the text of `sitefleet metrics`.
const args = process.argv.slice(2);
const bin = args.includes("--bin") ? args[args.indexOf("--bin") + 1] : undefined;
const env = { ...process.env, PATH: bin === undefined ? process.env.PATH : `${bin}:${process.env.PATH}` };
const missing = missingTools(env);
if (missing.length > 0) {
  console.error(`missing: ${missing.join(", ")}; apt-get install prometheus prometheus-alertmanager, or --bin DIR`);
  process.exit(1);
}
const say = (what: string, since: number) =>
  console.log(`${what} (${((performance.now() - since) / 1000).toFixed(1)} s)`);

let since = performance.now();
run("promtool", ["check", "rules", "--lint=all", "--lint-fatal", "monitoring/prometheus/sitefleet.rules.yml"], { env });
run("promtool", ["test", "rules", "sitefleet.rules.test.yml"], { env, cwd: "monitoring/prometheus" });
say(
  `promtool: ${read("prometheus/sitefleet.rules.yml").match(/- alert:/g)?.length} rules, ${read("prometheus/sitefleet.rules.test.yml").match(/exp_alerts:/g)?.length} expectations hold`,
  since,
);

since = performance.now();
const families = Object.entries(FAMILIES) as [FamilyName, (typeof FAMILIES)[FamilyName]][];
const text = renderMetrics(
  families.map(([name, { labels }]) =>
    sample(name, 1, Object.fromEntries(labels.map((label) => [label, 'a "quoted" \\ value']))),
  ),
);
const said = run("promtool", ["check", "metrics"], { env, input: text });
if (said.trim() !== "") throw new Error(`promtool check metrics: ${said}`);
say(`promtool: ${families.length} metrics, nothing to say`, since);

since = performance.now();
run("amtool", ["check-config", "monitoring/alertmanager/alertmanager.yml"], { env });
const routes = JSON.parse(read("alertmanager/routes.json")) as {
  labels: Record<string, string>;
  receivers: string[];
}[];
for (const { labels, receivers } of routes) {
  const given = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const found = run(
    "amtool",
    ["config", "routes", "test", "--config.file", "monitoring/alertmanager/alertmanager.yml", ...given],
    { env },
  ).trim();
  if (found !== receivers.join(",")) throw new Error(`${given.join(" ")} goes to ${found}, not ${receivers.join(",")}`);
}
say(`amtool: ${routes.length} label sets go where they are to go`, since);

if (args.includes("--live")) await live(env);
