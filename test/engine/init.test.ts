import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SandboxInfo, sandboxEnv, startSandbox, stopSandbox } from "../../sandbox/control.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { TypedShell } from "../support/tutorial.ts";

// What breaks when this fails: a newcomer with empty accounts does what `init` prints and has no site.

const dir = mkdtempSync(join(tmpdir(), "init-"));
const accounts = join(dir, "accounts");
// All three in one cell: two stacks are enough to see it.
const HOSTS = ["news.example.com", "start.example.com", "example.org"];

/** What is on the accounts before: zones, a team, repositories. No project, no record. */
function writeAccounts(): void {
  mkdirSync(accounts);
  const write = (name: string, text: string) => writeFileSync(join(accounts, name), text);
  write(
    "zones.yaml",
    "zones: [{ name: example.com, kind: cname, mode: existing }, { name: example.org, kind: cname, mode: existing }]\n",
  );
  write(
    "sites.csv",
    "name,zone,project,repository,root_directory,framework,channel,tags\nx,example.com,own,acme/shop,,nextjs,stable,\ny,example.com,own,acme/blog,,astro,stable,\n",
  );
  write("releases.yaml", `channels: { stable: { ref: "${"0".repeat(40)}" } }\n`);
  write("hosts.yaml", "hosts: []\n");
  write("services.yaml", "services: []\n");
  write("secrets.yaml", "github: { repository: acme/estate }\nsecrets: []\n");
  write("limits.yaml", readFileSync(join(PROJECT_ROOT, "catalog/limits.yaml"), "utf8"));
}

const ANSWERS = `target: first
settings: { vercelTeam: acme }
zones: [{ name: example.com }, { name: example.org }]
sites:
  - { host: news.example.com, repository: acme/shop, framework: nextjs }
  - { host: start.example.com, repository: acme/blog, framework: astro }
  - { host: example.org, repository: acme/shop, framework: nextjs }
secrets: { repository: acme/estate, values: { SMTP_PASS: { file: ${dir}/smtp }, JWT_SECRET: { generated: 64 } } }
`;

let info: SandboxInfo;
let shell: TypedShell;
beforeAll(async () => {
  writeAccounts();
  info = await startSandbox({ dir: join(dir, "sandbox"), catalogDir: accounts, team: "acme" });
  // Of the sandbox only what stands for the world: where the vendors are, tokens, plugins, the sites' addresses.
  const world = Object.entries(sandboxEnv(info)).filter(
    ([name]) => !/^(PULUMI_(BACKEND|CONFIG)|SITEFLEET_(CONFIG|TARGET|SANDBOX))/.test(name),
  );
  const own = Object.entries(process.env).filter(([name]) => !/^(SITEFLEET_|PULUMI_|VITEST|NODE_ENV)/.test(name));
  shell = new TypedShell(PROJECT_ROOT, {
    ...Object.fromEntries(own),
    ...Object.fromEntries(world),
    SITEFLEET_BUDGET: "off",
  });
  writeFileSync(join(dir, "answers.yaml"), ANSWERS);
  writeFileSync(join(dir, "smtp"), "hunter2-of-mail\n");
}, 120_000);
afterAll(async () => {
  shell?.close();
  await stopSandbox({ dir: join(dir, "sandbox"), purge: true });
  rmSync(dir, { recursive: true, force: true });
});

const control = async (path: string) => (await fetch(new URL(path, info.urls.control))).json();

it("three sites are live by typing what init prints", async () => {
  const estate = join(dir, "mine");
  const printed = await shell.type(`npx sitefleet init ${estate} --answers ${dir}/answers.yaml`);
  const [, next = ""] = printed.split("Next:\n");
  const commands = next.split("\n").flatMap((line) => (line.startsWith("  ") ? [line.trim()] : []));
  expect(commands, printed).toHaveLength(3);
  expect(printed).toMatch(/^0 faults/m);
  // At the vendors it has read only, and no secret was shown.
  const { latest } = (await control("/requests?latest=1000")) as { latest: { method: string }[] };
  expect(latest.length).toBeGreaterThan(10);
  expect(latest.filter(({ method }) => method !== "GET")).toEqual([]);
  expect(printed).not.toContain("hunter2");
  expect(statSync(join(estate, "passphrase")).mode & 0o777).toBe(0o600);

  // Once more: everything is kept.
  const config = readFileSync(join(estate, "Pulumi.prod.yaml"), "utf8");
  const again = await shell.type(`npx sitefleet init ${estate} --answers ${dir}/answers.yaml --json | head -60`);
  expect(again).not.toMatch(/"how": "(made|changed)"/);
  expect(readFileSync(join(estate, "Pulumi.prod.yaml"), "utf8")).toBe(config);

  const said: string[] = [];
  for (const command of commands) said.push(await shell.type(command));
  expect(said.at(-1)).toMatch(/0 changed, 0 replaced, 0 deleted/);
  const heads = HOSTS.map(
    (host) => `curl -si -H 'Host: ${host}' ${info.urls.web} | grep -ciE '^(HTTP/1.1 200|x-commit: [0-9a-f]{40})'`,
  );
  expect(await shell.type(heads.join("\n")), said.join("\n")).toBe("2\n2\n2\n");
}, 300_000);
