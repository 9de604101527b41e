// The commands on services as a person calls them, with a real sshd and no engine: what goes back at night must work when the state's
// backend does not.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { deploy, parseDocument } from "../../../plesk/index.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { makeArtifact, writeFiles } from "../plesk/support/driver.ts";
import { startSshd, type TestHost } from "../plesk/support/sshd.ts";
import { tempDir } from "../plesk/support/temp.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let host: TestHost;
const dir = tempDir("plesk-cli-");
const catalog = join(dir, "catalog");
const configFile = join(dir, "Pulumi.prod.yaml");
const artifact = makeArtifact({ "index.html": "one" });
const ids: string[] = [];

beforeAll(async () => {
  host = await startSshd();
  mkdirSync(catalog);
  for (const name of readdirSync(join(PROJECT_ROOT, "catalog")).filter((file) => file.endsWith(".yaml"))) {
    cpSync(join(PROJECT_ROOT, "catalog", name), join(catalog, name));
    const text = readFileSync(join(catalog, name), "utf8");
    writeFileSync(join(catalog, name), text.replaceAll("/www/htdocs/w01234567", host.root));
  }
  writeFileSync(join(catalog, "sites.csv"), "name,zone,project,repository,root_directory,framework,channel,tags\n");
  const { address, port, user, hostKey } = host.host;
  const override = { address, port, user, hostKey: hostKey.trim().split(/\s+/).slice(0, 2).join(" ") };
  const config = { "sitefleet:target": "test", "sitefleet:hosts": { plesk: override } };
  writeFileSync(configFile, JSON.stringify({ config }));
  for (const content of ["one", "two"]) {
    writeFiles(artifact, { "index.html": content });
    const path = join(host.root, "subdomains/docs/httpdocs");
    const service = { key: "docs", path, kind: "static" as const };
    ids.push((await deploy(parseDocument({ host: host.host, service, artifact: { dir: artifact } }))).release);
  }
});
afterAll(() => host?.stop());

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with the key in the environment, as CI has it; nothing of the engine can be reached. */
function sitefleet(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(
    process.execPath,
    [join(PROJECT_ROOT, "cli/main.ts"), "--catalog", catalog, "--config-file", configFile, "plesk", ...args],
    {
      env: {
        PATH: "/usr/bin:/bin",
        HOME: dir,
        TMPDIR: process.env.TMPDIR ?? "/tmp",
        SSH_PRIVATE_KEY: host.host.privateKey as string,
        PULUMI_BACKEND_URL: "file:///nonexistent",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      out[name] += text;
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...out })));
}

const services = (ran: Ran) =>
  (JSON.parse(ran.stdout) as { ok: boolean; services: Record<string, unknown>[] }).services;

describe("without the engine, its state and git", () => {
  test("status and releases tell what is live, in a table and as one document", async () => {
    const table = await sitefleet(["status", "--service", "docs", "--service", "crm"]);
    expect(table.code, table.stderr).toBe(0);
    expect(table.stdout).toMatch(new RegExp(`docs +${ids[1]?.slice(0, 12)}`));
    expect(table.stdout).toMatch(/crm +- .*nothing there/);
    const json = await sitefleet(["releases", "--service", "docs", "--json"]);
    expect(services(json)).toMatchObject([{ service: "docs", ok: true, live: ids[1] }]);
  });

  test("rollback goes to the release before, and to any kept one by its first digits", async () => {
    const back = await sitefleet(["rollback", "--service", "docs", "--no-health", "--json"]);
    expect(back.code, back.stderr).toBe(0);
    expect(services(back)).toMatchObject([{ release: ids[0], before: ids[1] }]);
    const started = Date.now();
    const forth = await sitefleet(["rollback", "--service", "docs", "--no-health", "--to", ids[1]?.slice(0, 8) ?? ""]);
    console.info(`sitefleet plesk rollback of one service: ${((Date.now() - started) / 1000).toFixed(2)} s`);
    expect(forth.code, forth.stderr).toBe(0);
    expect(forth.stderr).toContain("1 service rolled back");
  });

  test("a service that cannot go back is told, with the driver's exit code, and does not stop another", async () => {
    const one = await sitefleet(["rollback", "--service", "crm", "--no-health"]);
    expect(one.code).toBe(15);
    expect(one.stderr).toContain("[plesk.rollback]");
    const both = await sitefleet(["rollback", "--service", "crm", "--service", "docs", "--no-health", "--json"]);
    expect(both.code, both.stdout + both.stderr).toBe(15);
    expect(services(both)).toMatchObject([
      { service: "crm", ok: false, error: { code: "plesk.rollback" } },
      { service: "docs", ok: true },
    ]);
  });

  test("modes are checked, repaired and right; locks are removed", async () => {
    const { chmodSync } = await import("node:fs");
    chmodSync(join(host.root, "subdomains/docs/httpdocs.sitefleet/current/index.html"), 0o666);
    expect((await sitefleet(["permissions", "--service", "docs"])).code).toBe(1);
    expect((await sitefleet(["permissions", "--service", "docs", "--repair"])).code).toBe(0);
    expect((await sitefleet(["permissions", "--service", "docs"])).code).toBe(0);
    const unlocked = await sitefleet(["unlock", "--service", "docs", "--json"]);
    expect(services(unlocked)).toMatchObject([{ service: "docs", removed: [], left: [] }]);
  });
});

describe("while something else in the catalog is wrong", () => {
  const files = ["zones.yaml", "services.yaml"] as const;
  const kept = new Map<string, string>();
  beforeAll(() => {
    for (const name of files) kept.set(name, readFileSync(join(catalog, name), "utf8"));
    writeFileSync(join(catalog, "zones.yaml"), "zones: [ nonsense");
    const services = (kept.get("services.yaml") ?? "").replace(/(key: crm\n)/, "$1    keep: many\n");
    writeFileSync(join(catalog, "services.yaml"), services);
  });
  afterAll(() => {
    for (const [name, text] of kept) writeFileSync(join(catalog, name), text);
  });

  test("status and rollback work on a service that can be read, and say what is wrong", async () => {
    const status = await sitefleet(["status", "--service", "docs", "--json"]);
    expect(status.code, status.stderr).toBe(0);
    expect(status.stderr).toContain("warning: the catalog has");
    expect(status.stderr).toContain("zones.yaml:1");
    const { live, releases } = services(status)[0] as { live: string; releases: { id: string; bad: boolean }[] };
    const other = releases.find(({ id }) => id !== live)?.id ?? "";
    const back = await sitefleet(["rollback", "--service", "docs", "--no-health", "--json", "--to", other]);
    expect(back.code, back.stderr).toBe(0);
    expect(services(back)).toMatchObject([{ release: other, before: live }]);
  });

  test("all means all that can be read: the others are named, and the exit code says so", async () => {
    const { code, stderr, stdout } = await sitefleet(["status", "--json"]);
    expect(code).toBe(1);
    expect(stderr).toContain("left out: crm");
    expect(
      (JSON.parse(stdout) as { services: { service: string }[] }).services.map(({ service }) => service),
    ).toContain("docs");
  });

  test("one that cannot be read is refused with every problem", async () => {
    const { code, stdout } = await sitefleet(["status", "--service", "crm", "--json"]);
    expect(code).not.toBe(0);
    const { error } = JSON.parse(stdout) as { error: { code: string; details: string[] } };
    expect(error.code).toBe("catalog.invalid");
    expect(error.details.join("\n")).toContain("services[15].keep");
  });
});

describe("refused before a host is called", () => {
  test.each([
    ["no services named", ["rollback"], "usage"],
    ["--to for several", ["rollback", "--all", "--to", "original"], "usage"],
    ["a service that there is not", ["status", "--service", "cmr"], "service.unknown"],
    ["a restore that nobody confirmed", ["db", "restore", "--service", "crm", "--snapshot", "1-a"], "usage"],
    ["credentials that cannot be had", ["db", "snapshot", "--service", "crm"], "plesk.secrets"],
  ])("%s", async (_, args, code) => {
    const { code: exit, stdout } = await sitefleet([...args, "--json"]);
    expect(exit).not.toBe(0);
    expect(JSON.parse(stdout).error.code).toBe(code);
  });

  test("a host whose key nobody has declared, and an estate that nobody has named", async () => {
    const bare = join(dir, "bare.yaml");
    writeFileSync(bare, JSON.stringify({ config: { "sitefleet:target": "test" } }));
    const unpinned = await sitefleet(["status", "--json", "--config-file", bare]);
    expect(JSON.parse(unpinned.stdout).error).toMatchObject({
      code: "host.unpinned",
      details: ["plesk: ssh-keyscan -p 22 dmpl20230054.kasserver.com | ssh-keygen -lf -"],
    });
    writeFileSync(bare, JSON.stringify({ config: {} }));
    const nameless = await sitefleet(["status", "--json", "--config-file", bare]);
    expect(JSON.parse(nameless.stdout).error.code).toBe("settings.missing");
  });

  test("no private key anywhere: says where one may be", async () => {
    const { stdout } = await sitefleet(["status", "--json"], { SSH_PRIVATE_KEY: "", SSH_AUTH_SOCK: "" });
    expect(JSON.parse(stdout).error).toMatchObject({ code: "plesk.secrets" });
  });
});
