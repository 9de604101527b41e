// What would break: state would be lost, two starts would run twice, a crash would need repair by hand, or `stop` would
// leave processes behind. Runs the real daemons on a directory of its own.
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type SandboxInfo, sandboxEnv, sandboxStatus, startSandbox, stopSandbox } from "../../../../sandbox/control.ts";
import { identify, processesWithEnvironment } from "../../../../sandbox/daemon/processes.ts";
import { readSecrets } from "../../../../sandbox/daemon/secrets.ts";
import { SESSION_MARKER } from "../../../../sandbox/ssh/index.ts";

const run = promisify(execFile);
const PARTS = ["cloud", "providers", "sshd", "mariadb", "postgresql"] as const;
const SLOW = 90_000; // several daemons are started on a machine that may be busy
const folder = mkdtempSync(join(tmpdir(), "sandbox-life-"));
const dir = join(folder, "sb");
const start = (more: Partial<Parameters<typeof startSandbox>[0]> = {}): Promise<SandboxInfo> =>
  startSandbox({ dir, catalogDir: "catalog", plugins: "stand-in", timeoutMs: 60_000, ...more });

async function vercel(info: SandboxInfo, path: string, init: RequestInit = {}): Promise<Response> {
  const { vercelToken } = readSecrets(join(dir, "secrets.json"));
  const headers = { authorization: `Bearer ${vercelToken}`, "content-type": "application/json" };
  return fetch(info.urls.vercel + path, { ...init, headers });
}

async function projects(info: SandboxInfo): Promise<string[]> {
  const inventory = await (await fetch(`${info.urls.control}/inventory?vendor=vercel`)).json();
  return (inventory as { vercel: { projects: { name: string }[] } }).vercel.projects.map(({ name }) => name).sort();
}

async function create(info: SandboxInfo, name: string): Promise<void> {
  const body = JSON.stringify({ name });
  expect((await vercel(info, "/v11/projects?slug=MarketingFunnelEmpire", { method: "POST", body })).status).toBe(200);
}

async function pids(): Promise<(number | undefined)[]> {
  const { parts } = await sandboxStatus({ dir });
  return PARTS.map((name) => parts[name].pid);
}

let info: SandboxInfo;
beforeAll(async () => {
  info = await start();
}, SLOW);
afterAll(async () => {
  await stopSandbox({ dir });
  rmSync(folder, { recursive: true, force: true });
}, SLOW);

describe("a running sandbox", () => {
  it("has every part healthy, on loopback", async () => {
    const status = await sandboxStatus({ dir });
    expect(status.running).toBe(true);
    expect(Object.values(status.parts).map(({ state }) => state)).toEqual(PARTS.map(() => "healthy"));
    expect(status.counts?.github?.repositories).toBeGreaterThan(0);
    expect(Object.keys(info.providers).sort()).toEqual(["cloudflare", "command", "github", "random", "vercel"]);
    const { stdout } = await run("ss", ["-Hltn"]).catch(() => ({ stdout: "" }));
    for (const port of [...Object.values(info.ports), ...Object.values(info.providers)]) {
      expect(stdout).not.toMatch(new RegExp(`(0\\.0\\.0\\.0|\\*|\\[::\\]):${port}\\s`));
    }
  });

  it("gives an environment that points at itself only", () => {
    const env = sandboxEnv(info, "/usr/bin:/bin");
    expect(env).toMatchObject({
      PULUMI_BACKEND_URL: `file://${dir}/state`,
      SITEFLEET_TARGET: "sandbox",
      VERCEL_API_URL: `http://127.0.0.1:${info.ports.vercel}`,
      CLOUDFLARE_BASE_URL: `http://127.0.0.1:${info.ports.cloudflare}/client/v4`,
      GITHUB_BASE_URL: `http://127.0.0.1:${info.ports.github}/`,
    });
    expect(env.PULUMI_DEBUG_PROVIDERS).toContain(`command:${info.providers.command}`);
    expect(env.PATH).toMatch(/\.toolchain\/bin:.*sandbox\/providers\/bin:.*:\/usr\/bin:\/bin$/);
    const real = sandboxEnv({ ...info, plugins: "real", urls: { ...info.urls, proxy: "http://127.0.0.1:1" } }, "/bin");
    expect(real.PATH).not.toContain("sandbox/providers/bin");
    expect(real).toMatchObject({ HTTPS_PROXY: "http://127.0.0.1:1", SITEFLEET_PLUGINS: "real" });
    expect(Object.keys(real)).not.toContain("PULUMI_DEBUG_PROVIDERS");
  });

  it("keeps keys and secrets to itself", () => {
    for (const name of ["secrets.json", "settings.json", "Pulumi.prod.yaml", "ssh/user_key", "ssh/host_key"]) {
      expect(statSync(join(dir, name)).mode & 0o077, name).toBe(0);
    }
    expect(statSync(dir).mode & 0o077).toBe(0);
    const { values, ...rest } = readSecrets(join(dir, "secrets.json"));
    const text = readFileSync(join(dir, "sandbox.json"), "utf8");
    for (const secret of [values.SMTP_PASS ?? "?", rest.passphrase, rest.vercelToken])
      expect(text).not.toContain(secret);
  });

  it(
    "is found by later starts, also by two at once",
    async () => {
      const before = await pids();
      const again = await Promise.all([start(), start()]);
      expect(again).toEqual([info, info]);
      expect(await pids()).toEqual(before);
    },
    SLOW,
  );

  it(
    "takes faults while it runs",
    async () => {
      await start({ faults: { faults: [{ id: "down", vendor: "vercel", action: { type: "status", status: 503 } }] } });
      expect((await vercel(info, "/v2/user")).status).toBe(503);
      await fetch(`${info.urls.control}/faults`, { method: "DELETE" });
      expect((await vercel(info, "/v2/user")).status).toBe(200);
      await expect(start({ faults: { timeScale: -1 } })).rejects.toMatchObject({ code: "sandbox.faults" });
    },
    SLOW,
  );

  it(
    "goes on with its faults and limits when something else makes it start anew",
    async () => {
      const faults = [{ id: "down", vendor: "vercel" as const, action: { type: "status" as const, status: 503 } }];
      await start({ faults: { timeScale: 60, faults } });
      const before = await pids();
      const other = await start({ team: "another-team" });
      expect(await pids()).not.toEqual(before);
      expect((await vercel(other, "/v2/user")).status).toBe(503);
      await fetch(`${other.urls.control}/faults`, { method: "DELETE" });
      info = await start();
      expect((await vercel(info, "/v2/user")).status).toBe(200);
    },
    SLOW,
  );
});

describe("after kill -9", () => {
  it(
    "of everything, goes on with the same ports, state and values",
    async () => {
      await create(info, "survivor");
      const file = join(dir, "data/vercel.json");
      await vi.waitFor(() => expect(readFileSync(file, "utf8")).toContain("survivor"), 5000);
      const config = readFileSync(join(dir, "Pulumi.prod.yaml"), "utf8");
      for (const pid of await pids()) process.kill(pid ?? 0, "SIGKILL");
      await vi.waitFor(async () => expect((await sandboxStatus({ dir })).parts.cloud.state).toBe("dead"), 5000);
      const next = await start();
      expect(next.ports).toEqual(info.ports);
      expect(await projects(next)).toEqual(["survivor"]);
      expect(readFileSync(join(dir, "Pulumi.prod.yaml"), "utf8")).toBe(config);
    },
    SLOW,
  );

  it(
    "of sshd alone, only that part is started",
    async () => {
      const [cloud, providers, sshd, ...databases] = await pids();
      process.kill(sshd ?? 0, "SIGKILL");
      await vi.waitFor(async () => {
        const status = await sandboxStatus({ dir });
        expect([status.running, status.parts.sshd.state]).toEqual([false, "dead"]);
      }, 5000);
      await start();
      const after = await pids();
      expect(after.slice(0, 2)).toEqual([cloud, providers]);
      expect(after.slice(3)).toEqual(databases);
      expect(after[2]).not.toBe(sshd);
      expect((await sandboxStatus({ dir })).running).toBe(true);
    },
    SLOW,
  );
});

describe("stop", () => {
  it(
    "writes the state, ends every process, and the next start has all of it",
    async () => {
      await create(info, "last-moment");
      const options = ["-F", "none", "-i", info.ssh.keyFile, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"];
      const known = ["-o", `UserKnownHostsFile=${join(folder, "known")}`, "-p", String(info.ports.ssh)];
      await run("ssh", [
        ...options,
        ...known,
        `${info.ssh.user}@127.0.0.1`,
        "sleep 300 > /dev/null 2>&1 < /dev/null &",
      ]);
      // A process that is just being replaced by its program shows no environment for a moment.
      await vi.waitFor(() => expect(processesWithEnvironment(SESSION_MARKER, dir).length).toBeGreaterThan(0), 5000);
      const before = await pids();
      const result = await stopSandbox({ dir });
      expect(result.stopped).toEqual(PARTS);
      for (const pid of before) expect(identify(pid ?? 0)).toBeUndefined();
      expect(processesWithEnvironment(SESSION_MARKER, dir)).toEqual([]);
      expect((await sandboxStatus({ dir })).running).toBe(false);
      expect((await stopSandbox({ dir })).stopped).toEqual([]);
      info = await start();
      expect(await projects(info)).toEqual(["last-moment", "survivor"]);
    },
    SLOW,
  );

  it(
    "takes another port where somebody else has the old one by now",
    async () => {
      await stopSandbox({ dir });
      const squatter = createServer().listen(info.ports.vercel, "127.0.0.1");
      await new Promise((done) => squatter.once("listening", done));
      try {
        const moved = await start();
        expect(moved.ports.vercel).not.toBe(info.ports.vercel);
        expect(moved.ports.control).toBe(info.ports.control);
        info = moved;
      } finally {
        squatter.close();
      }
    },
    SLOW,
  );

  it(
    "with purge deletes the directory, and only one of a sandbox",
    async () => {
      const other = join(folder, "documents");
      mkdirSync(other);
      writeFileSync(join(other, "letter.txt"), "dear");
      await expect(stopSandbox({ dir: other, purge: true })).rejects.toMatchObject({ code: "sandbox.purge" });
      expect(readdirSync(other)).toEqual(["letter.txt"]);
      expect(await stopSandbox({ dir, purge: true })).toMatchObject({ purged: true });
      expect(existsSync(dir)).toBe(false);
    },
    SLOW,
  );
});

describe("a start that fails", () => {
  it(
    "says so with the log's last lines and leaves no process behind",
    async () => {
      const broken = join(folder, "broken");
      mkdirSync(join(broken, "data"), { recursive: true });
      writeFileSync(join(broken, "data/vercel.json"), "{ not json");
      const failure = await startSandbox({ dir: broken, catalogDir: "catalog", plugins: "stand-in" }).catch((e) => e);
      expect(failure).toMatchObject({ code: "sandbox.start" });
      expect(failure.details.join("\n")).toContain("vercel.json");
      const status = await sandboxStatus({ dir: broken });
      expect(Object.values(status.parts).map(({ state }) => state)).toEqual(PARTS.map(() => "stopped"));
    },
    SLOW,
  );
});
