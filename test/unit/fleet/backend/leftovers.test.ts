import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeLeftovers, endLeftovers, leftovers, startedByMe } from "../../../../fleet/backend/locks/leftovers.ts";

// What a run that was killed has left running. What breaks when this fails: its providers stay for ever, or a process of
// somebody else is ended.

const test = it.skipIf(process.platform !== "linux");
let dir: string;
let started: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-left-"));
  started = [];
  for (const name of ["pulumi", "pulumi-resource-fake", "other"]) copyFileSync("/bin/sleep", join(dir, name));
});
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});
const start = async (program: string, mark: Record<string, string>): Promise<ChildProcess> => {
  const child = spawn(join(dir, program), ["60"], { env: { ...process.env, ...mark }, stdio: "ignore" });
  started.push(child);
  await once(child, "spawn");
  return child;
};
/** As a run that was killed has marked what it started: no process has this number with this start. */
const ofTheDead = () => {
  const [[name, value]] = Object.entries(startedByMe()) as [[string, string]];
  return { [name]: value.replace(/:\d+:\d+$/, ":4194305:1") };
};
const mine = () => leftovers().filter(({ pid }) => started.some((child) => child.pid === pid));

test("is ended by the next run and named; live runs' processes and all others stay", async () => {
  const left = await start("pulumi-resource-fake", ofTheDead());
  const engine = await start("pulumi", ofTheDead());
  const living = await start("pulumi-resource-fake", startedByMe());
  const foreign = await start("pulumi-resource-fake", {});
  const other = await start("other", ofTheDead());
  await expect
    .poll(() =>
      mine()
        .map(({ pid }) => pid)
        .sort(),
    )
    .toEqual([left.pid, engine.pid].sort());
  const ends = Promise.all([once(left, "exit"), once(engine, "exit")]);
  const ended = await endLeftovers();
  expect((await ends).map(([, signal]) => signal)).toEqual(["SIGTERM", "SIGINT"]);
  expect(describeLeftovers(ended)).toContain(`pulumi-resource-fake (${left.pid})`);
  for (const child of [living, foreign, other]) expect(child.exitCode ?? child.signalCode).toBeNull();
  expect(mine()).toEqual([]);
});

// From set-up's bundle its program is shared-main.ts.js.
test.each(["provider/shared-main.ts", "provider/shared-main.ts.js", "sandbox/providers/host.ts"])(
  "is known when it is a provider of ours that was started by %s",
  async (path) => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "setInterval(() => {}, 1000);");
    const child = spawn(process.execPath, [file], { env: { ...process.env, ...ofTheDead() }, stdio: "ignore" });
    started.push(child);
    await expect.poll(() => mine().map(({ pid }) => pid)).toEqual([child.pid]);
  },
);

test("is ended by force when it does not end; what an engine of that run still uses is left to it", async () => {
  const deaf = join(dir, "pulumi-resource-deaf");
  writeFileSync(deaf, "process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 1000);");
  const child = spawn(process.execPath, [deaf], {
    env: { ...process.env, ...ofTheDead() },
    stdio: ["ignore", "pipe", "ignore"],
  });
  started.push(child);
  await once(child.stdout, "data");
  // A child of a marked process: its parent still works.
  const parent = spawn("/bin/sh", ["-c", `${join(dir, "pulumi-resource-fake")} 60 & echo $!; wait`], {
    env: { ...process.env, ...ofTheDead() },
    stdio: ["ignore", "pipe", "ignore"],
  });
  started.push(parent);
  const [line] = await once(parent.stdout, "data");
  const used = Number(String(line));
  expect(leftovers().map(({ pid }) => pid)).not.toContain(used);
  const end = once(child, "exit");
  await endLeftovers();
  expect((await end)[1]).toBe("SIGKILL");
  process.kill(used, "SIGKILL");
}, 20_000);
