import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import spawn from "nano-spawn";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RULES } from "../../policy/rules.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { HEAD, rowText } from "../support/estate.ts";

// What breaks when these fail: plain pulumi with the pack, started as docs/reference/policies.md says, lets pass what a policy
// forbids, or refuses what none does.

const dir = mkdtempSync(join(tmpdir(), "sitefleet-policy-"));
const env = {
  PULUMI_BACKEND_URL: `file://${dir}`,
  PULUMI_CONFIG_PASSPHRASE: "test",
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  VERCEL_API_TOKEN: "a".repeat(24),
  CLOUDFLARE_API_TOKEN: "c".repeat(40),
  SITEFLEET_CATALOG: dir,
  PATH: [
    ...[".toolchain/bin", "sandbox/providers/bin", "node_modules/.bin"].map((path) => join(PROJECT_ROOT, path)),
    process.env.PATH,
  ].join(delimiter),
};

/** A program of plain resources; each policy is about one of them at least. `bad` has one violation of each. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const bad = process.env.SITEFLEET_TEST_BAD === "1";
class Service extends pulumi.ComponentResource { constructor(name) { super("sitefleet:plesk:Service", name); } }
const make = (type, name, props, opts) => new pulumi.CustomResource(type, name, props, opts);
const parent = bad ? undefined : new Service("docs");
const secret = "ghp_" + "a".repeat(36);
make("vercel:index/project:Project", bad ? "shop-0" : "shop.qmoney.de", {
  name: "private-site-qmoney-de",
  vercelAuthentication: { deploymentType: bad ? "none" : "standard_protection_new" },
  ...(bad ? { onDemandConcurrentBuilds: true } : {}),
});
make("cloudflare:index/zone:Zone", "qmoney.de", { name: "qmoney.de", account: { id: "f".repeat(32) } }, { protect: !bad });
const record = (name, host, content) => make("cloudflare:index/dnsRecord:DnsRecord", name, { zoneId: "e".repeat(32), name: host, type: "TXT", content, ttl: 1 });
// A provider makes a secret of some inputs itself, of a project's variables for one; a record's content stays plain.
record("above/TXT", bad ? "private-site.qmoney.de" : "_dmarc.qmoney.de", bad ? secret : pulumi.secret(secret));
record("foreign/TXT", bad ? "shop.elsewhere.example" : "_dmarc2.qmoney.de", "x");
make("command:local:Command", "docs", { create: bad ? "ssh -o StrictHostKeyChecking=no h" : "node plesk/main.ts deploy" }, { parent });
`;

beforeAll(async () => {
  writeFileSync(
    join(dir, "Pulumi.yaml"),
    "name: sitefleet\nruntime: { name: nodejs, options: { typescript: false } }\n",
  );
  writeFileSync(join(dir, "package.json"), '{ "name": "program", "main": "index.js" }\n');
  writeFileSync(join(dir, "index.js"), PROGRAM);
  mkdirSync(join(dir, ".pulumi"));
  for (const name of readdirSync(join(PROJECT_ROOT, "catalog")).filter((name) => name.endsWith(".yaml")))
    cpSync(join(PROJECT_ROOT, "catalog", name), join(dir, name));
  cpSync(join(PROJECT_ROOT, "catalog/sample/artifacts"), join(dir, "sample/artifacts"), { recursive: true });
  const row = rowText({ name: "private-site", tags: "private" });
  writeFileSync(join(dir, "sites.csv"), `${HEAD}\n${row}\n`);
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(dir, "node_modules"));
  await pulumi(["stack", "init", "prod"]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function pulumi(args: readonly string[], more: Record<string, string> = {}) {
  const options = { cwd: dir, env: { ...env, ...more } };
  const run = await spawn("pulumi", [...args, "--non-interactive", "--color", "never"], options).catch(
    (error) => error,
  );
  return { code: run.exitCode ?? 0, text: `${run.stdout}\n${run.stderr}` };
}
const page = readFileSync(join(PROJECT_ROOT, "docs/reference/policies.md"), "utf8");
const [, pack = ""] = /--policy-pack (\S+)/.exec(page) ?? [];
const preview = (bad: boolean) =>
  pulumi(["preview", "-s", "prod", "--policy-pack", join(PROJECT_ROOT, pack)], {
    SITEFLEET_TEST_BAD: bad ? "1" : "0",
  });

it("a violating program is refused by each policy, a passing one by none", async () => {
  const refused = await preview(true);
  for (const { id, instead } of RULES) {
    expect(refused.text).toMatch(new RegExp(`\\[mandatory\\]\\s+${id} `));
    expect(refused.text).toContain(instead.slice(0, 40));
  }
  expect(refused.code).not.toBe(0);
  expect(refused.text).not.toContain("a".repeat(36));
  const passed = await preview(false);
  expect(passed.text).not.toContain("[mandatory]");
  expect(passed.code, passed.text).toBe(0);
});
