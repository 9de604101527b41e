import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { breakDeadLocks, engineLocks } from "../../fleet/backend/locks/engine-locks.ts";
import { followEvents } from "../../fleet/engine/event-log.ts";
import { FailedCreates } from "../../fleet/engine/failed-creates.ts";
import { initStack } from "../../fleet/engine/init-stack.ts";
import { adoptConflicts, refusalOf, repairStack } from "../../fleet/repair/index.ts";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { Estate, type Row } from "../support/estate.ts";

// What an interrupted or half failed run leaves behind, on the real engine. What breaks when these fail: a run that was
// killed never converges again, or a resource exists twice.

// One cell that is no canary: those hold ten sites at most. A site takes five writes, so the later kill is amid them.
const CELL = "07";
const STACK = `prod-cell-${CELL}`;
const SITES = 12;
/** A repository that Vercel knows and no site uses. */
const ELSEWHERE = "menschlichkeit-oesterreich/estate";

/** Sites whose hosts all fall into the cell. */
function rows(prefix: string, count: number): Row[] {
  const found: Row[] = [];
  for (let number = 0; found.length < count; number++) {
    const name = `${prefix}${number}`;
    if (cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === CELL) found.push({ name });
  }
  return found;
}

const estate = new Estate(rows("shop", SITES), "none");
let configFile: string;
const options = () => ({ configFile, env: estate.env(), quietMs: 2_000, pollMs: 250 });

/** Makes an empty stack. The engine's environment is this process's while it does. */
async function stackOf(stack: string) {
  const before = { ...process.env };
  Object.assign(process.env, estate.env());
  await initStack(stack, configFile);
  process.env = before;
}

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  await estate.start();
  configFile = estate.env().SITEFLEET_CONFIG_FILE ?? "";
  await stackOf(STACK);
});
afterAll(async () => {
  endOrphans();
  await estate.remove();
});

const setFaults = (config: unknown) =>
  estate.control("/faults", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(config),
  });

/** Plain `pulumi up` of a stack; what failed is collected from its events. */
async function up(onStart?: Parameters<Estate["run"]>[3], stack = STACK) {
  const file = join(estate.dir, `events-${process.hrtime.bigint()}.jsonl`);
  const failed = new FailedCreates();
  const follower = followEvents(file, (event) => failed.add(event));
  const args = ["up", "-s", stack, "--config-file", configFile, "--yes", "--skip-preview", "--event-log", file];
  const env = { ...estate.env(), PULUMI_DEBUG_COMMANDS: "true" };
  const ran = await estate.run("pulumi", [...args, "--non-interactive", "--color", "never"], env, onStart);
  follower.finish();
  return { ...ran, failed: failed.list() };
}

async function expectConverged(stack = STACK) {
  const again = await up(undefined, stack);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  const { missing, orphans } = await compareWithState(estate.info);
  expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  await expectNothingDoubled();
  const preview = await estate.pulumi("preview", "-s", stack, "--config-file", configFile, "--expect-no-changes");
  expect(preview.code, preview.stdout + preview.stderr).toBe(0);
}

async function expectNothingDoubled() {
  const { vercel } = (await estate.control("/inventory")) as {
    vercel: { deployments: { projectId: string; commit: string; state: string; meta: Record<string, string> }[] };
  };
  // The same commit with other settings is another build.
  const all = vercel.deployments.map(
    ({ projectId, commit, meta }) => `${projectId} ${commit} ${meta.sitefleetSettings}`,
  );
  expect(all.filter((item, index) => all.indexOf(item) !== index)).toEqual([]);
}

/** Writes that the vendors have got so far. */
async function writes(): Promise<number> {
  const { routes } = (await estate.control("/requests?latest=0")) as { routes: { method: string; count: number }[] };
  return routes.reduce((sum, { method, count }) => (method === "GET" ? sum : sum + count), 0);
}

/** Language hosts and programs outlive their engine, at full load; ended after the test. */
const orphans: number[] = [];
const endOrphans = () => {
  for (const pid of orphans.splice(0)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {}
  }
};

async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await estate.run("ps", ["-o", "pid=", "--ppid", String(pid)]);
  const children = stdout.split("\n").map(Number).filter(Boolean);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

/** Kills the engine once the vendors have got `count` more writes. */
async function killedAfter(count: number, stack = STACK) {
  const start = await writes();
  let ended = false;
  const run = up(async (child) => {
    while (!ended && (await writes()) - start < count) await new Promise((go) => setTimeout(go, 40));
    if (ended || child.pid === undefined) return;
    orphans.push(...(await descendants(child.pid)));
    process.kill(child.pid, "SIGKILL");
  }, stack);
  return run.finally(() => {
    ended = true;
  });
}

describe("a create of several calls that failed after one of them", () => {
  const project = (method: string, path: string) => ({
    id: `${method}-project`,
    vendor: "vercel",
    method,
    path,
    times: 2,
    action: { type: "apply-then-fail", status: 500 },
  });

  it.each([
    ["POST", "^/v\\d+/projects$"],
    ["PATCH", "^/v\\d+/projects/[^/]+$"],
  ])("is taken over when the answer to %s was an error", async (method, path) => {
    estate.writeSites(rows(`half-${method.toLowerCase()}`, 4));
    await setFaults({ faults: [project(method, path)] });
    let next = await up();
    expect(next.code).not.toBe(0);
    await estate.control("/faults", { method: "DELETE" });
    // The engine stops at the first failure: what was in flight then comes up as a conflict of the next update.
    const adopted: string[] = [];
    for (let round = 0; next.code !== 0 && round < 3; round++) {
      expect(new Set(next.failed.map(({ type }) => type))).toEqual(new Set(["vercel:index/project:Project"]));
      const { resources } = await adoptConflicts(STACK, next.failed, options());
      adopted.push(...resources.map(({ outcome, operation }) => `${operation} ${outcome}`));
      next = await up();
    }
    expect(next.code, next.stdout).toBe(0);
    expect(adopted.length).toBeGreaterThan(0);
    expect(new Set(adopted)).toEqual(new Set(["conflict adopted"]));
    await expectConverged();
  });

  it("is gone on with by itself when a deployment's answer was lost, and nothing is built twice", async () => {
    estate.writeSites(rows("lost", 2));
    const lost = {
      vendor: "vercel",
      method: "POST",
      path: "deployments$",
      times: 1,
      action: { type: "apply-then-fail" },
    };
    await setFaults({ faults: [{ id: "lost", ...lost }] });
    const first = await up();
    expect(first.code, first.stdout).toBe(0);
    await estate.control("/faults", { method: "DELETE" });
    await expectConverged();
  });

  it("is refused by name when the object is linked to somebody else's repository", async () => {
    const [row] = rows("taken", 1);
    const name = row?.name ?? "";
    estate.writeSites(row ? [row] : []);
    const { VERCEL_API_URL, VERCEL_API_TOKEN } = estate.env();
    const { vercel } = (await estate.control("/inventory")) as { vercel: { teams: { id: string }[] } };
    const made = await fetch(`${VERCEL_API_URL}/v10/projects?teamId=${vercel.teams[0]?.id}`, {
      method: "POST",
      headers: { authorization: `Bearer ${VERCEL_API_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ name: `${name}-qmoney-de`, gitRepository: { type: "github", repo: ELSEWHERE } }),
    });
    const { id } = (await made.json()) as { id: string };
    expect(made.status).toBe(200);
    const first = await up();
    expect(first.code).not.toBe(0);
    const report = await adoptConflicts(STACK, first.failed, options());
    expect(report).toMatchObject({ ok: false, resources: [{ outcome: "refused", name: `${name}.qmoney.de`, id }] });
    expect(refusalOf([report])).toMatchObject({ code: "repair.refused", subject: `${name}.qmoney.de` });
    expect(report.resources[0]?.reason).toContain(ELSEWHERE);
    await fetch(`${VERCEL_API_URL}/v9/projects/${id}?teamId=${vercel.teams[0]?.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${VERCEL_API_TOKEN}` },
    });
    await expectConverged();
  });
});

describe("an engine that was killed", () => {
  // A site takes five writes: two for its project, its domain, its deployment and the promotion.
  it.each([10, 45])("is repaired after %i writes, and the next run converges", async (count) => {
    estate.writeSites(rows(`kill-${count}-`, SITES));
    await setFaults({ latency: [{ vendor: "vercel", method: "write", ms: 100, jitterMs: 300 }] });
    const killed = await killedAfter(count);
    expect(killed.code, killed.stdout).toBeNull();
    const report = await repairStack(STACK, options());
    endOrphans();
    expect(report.ok, JSON.stringify(report)).toBe(true);
    expect(report.brokenLocks).toHaveLength(1);
    expect(report.resources.length).toBeGreaterThan(0);
    expect(JSON.stringify(report)).not.toMatch(/ciphertext|v1:/);
    await estate.control("/faults", { method: "DELETE" });
    await expectConverged();
  });

  it("is repaired while it deletes and updates", async () => {
    estate.writeSites(rows("new", 12).map((row, index) => (index < 6 ? row : { ...row, framework: "astro" })));
    await expectConverged();
    // Half of the sites go, the others change.
    estate.writeSites(rows("new", 6).map((row) => ({ ...row, framework: "vite" })));
    await setFaults({ latency: [{ vendor: "vercel", method: "write", ms: 100, jitterMs: 300 }] });
    const killed = await killedAfter(9);
    expect(killed.code, killed.stdout).toBeNull();
    const report = await repairStack(STACK, options());
    endOrphans();
    expect(report.ok, JSON.stringify(report)).toBe(true);
    expect(report.resources.length).toBeGreaterThan(0);
    await estate.control("/faults", { method: "DELETE" });
    await expectConverged();
  });

  it.each([6, 20])("is repaired on the shared stack after %i writes", async (count) => {
    await stackOf("prod");
    await setFaults({ latency: [{ method: "write", ms: 50, jitterMs: 200 }] });
    const killed = await killedAfter(count, "prod");
    expect(killed.code, killed.stdout).toBeNull();
    const report = await repairStack("prod", options());
    endOrphans();
    expect(report.ok, JSON.stringify(report)).toBe(true);
    expect(report.resources.length).toBeGreaterThan(0);
    await estate.control("/faults", { method: "DELETE" });
    await expectConverged("prod");
    const down = await estate.pulumi("destroy", "-s", "prod", "--config-file", configFile, "--yes", "--skip-preview");
    expect(down.code, down.stderr).toBe(0);
  });
});

describe("a lock", () => {
  const dir = () => join(estate.stateDir, ".pulumi", "locks", "organization", "sitefleet", STACK);
  const write = (name: string, pid: number) => {
    mkdirSync(dir(), { recursive: true });
    const lock = { pid, username: userInfo().username, hostname: hostname(), timestamp: new Date().toISOString() };
    writeFileSync(join(dir(), `${name}.json`), JSON.stringify(lock));
  };

  it("of a process that is gone is removed; one of a live engine stays, and its holder is named", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await new Promise((end) => gone.once("exit", end));
    write("gone", gone.pid ?? 0);
    expect(await breakDeadLocks(STACK, estate.env())).toMatchObject([{ pid: gone.pid, host: hostname() }]);
    expect(await engineLocks(STACK, estate.env())).toEqual([]);

    estate.writeSites(rows("held", 3));
    await setFaults({ latency: [{ vendor: "vercel", ms: 300 }] });
    let engine = 0;
    const before = await writes();
    const running = up((child) => {
      engine = child.pid ?? 0;
    });
    await expect.poll(writes, { timeout: 60_000, interval: 50 }).toBeGreaterThan(before);
    await expect(repairStack(STACK, options())).rejects.toMatchObject({
      code: "stack.locked",
      details: [expect.stringContaining(`process ${engine}`)],
    });
    await estate.control("/faults", { method: "DELETE" });
    const { code, stdout } = await running;
    expect(code, stdout).toBe(0);
  });
});
