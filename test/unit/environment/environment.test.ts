import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import spawn from "nano-spawn";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { ScopedCommand } from "../../../cli/scoped-command.ts";
import { amendEnvironment, childEnvironment, environment, inEnvironment, proxies } from "../../../environment/index.ts";
import { stateDir } from "../../../fleet/backend/store/state-dir.ts";
import { stateStore } from "../../../fleet/backend/store/state-store.ts";
import { listStacks } from "../../../fleet/engine/list-stacks.ts";
import { catalogDir } from "../../../stacks/program.ts";

// What breaks when this fails: of two operations at once in one process, one reads or changes the other's estate.

afterEach(() => vi.unstubAllEnvs());

/** A folder with a shell script of this name. */
function program(name: string, script: string): string {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-environment-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return dir;
}

it("is the process's outside of every operation", () => {
  expect(environment()).toBe(process.env);
});

it("is an operation's own after every wait, timer and callback, however many run at once", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `estate-${index}`);
  const seen = await Promise.all(
    names.map((name) =>
      inEnvironment({ NAME: name }, async () => {
        const found = [environment().NAME];
        await sleep(Math.random() * 10);
        found.push(environment().NAME);
        await new Promise<void>((resolve) => setImmediate(() => resolve(void found.push(environment().NAME))));
        return found;
      }),
    ),
  );
  expect(seen).toEqual(names.map((name) => [name, name, name]));
});

it("is changed for one operation alone, and never for the process", async () => {
  const ran = (value: string) =>
    inEnvironment({ ...environment() }, async () => {
      amendEnvironment({ SITEFLEET_TEST_MARK: value });
      await sleep(5);
      return environment().SITEFLEET_TEST_MARK;
    });
  expect(await Promise.all([ran("one"), ran("two")])).toEqual(["one", "two"]);
  expect(process.env.SITEFLEET_TEST_MARK).toBeUndefined();
  expect(() => amendEnvironment({ SITEFLEET_TEST_MARK: "three" })).toThrow("no operation");
});

it("reaches children, and what only the process has does not", async () => {
  vi.stubEnv("SITEFLEET_TEST_MARK", "the process's");
  const script = "console.log(process.env.SITEFLEET_TEST_MARK ?? '-', process.env.OWN)";
  const { stdout } = await inEnvironment({ PATH: process.env.PATH, OWN: "own" }, () =>
    spawn(process.execPath, ["-e", script], { env: childEnvironment() }),
  );
  expect(stdout).toBe("- own");
  const direct = spawnSync(process.execPath, ["-e", script], {
    env: childEnvironment({ OWN: "own" }),
    encoding: "utf8",
  });
  expect(direct.stdout).toBe("- own\n");
});

it("says which proxies there are, and says so where there are none", () => {
  vi.stubEnv("HTTPS_PROXY", "http://other:1");
  expect(inEnvironment({}, () => proxies())).toEqual({ httpProxy: "", httpsProxy: "", noProxy: "" });
  const env = { HTTPS_PROXY: "http://b:2", https_proxy: "http://a:1", NO_PROXY: "localhost" };
  expect(proxies(env)).toEqual({ httpProxy: "", httpsProxy: "http://a:1", noProxy: "localhost" });
});

it("decides where runs, catalogs and stacks are, for each operation", async () => {
  const estate = async (name: string) => {
    const listed = `echo '[{"name":"'$PULUMI_BACKEND_URL'"}]'`;
    const bin = program("pulumi", listed);
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      PULUMI_BACKEND_URL: `file:///tmp?${name}`,
      SITEFLEET_STATE_DIR: `/tmp/${name}`,
      SITEFLEET_CATALOG: `/catalogs/${name}`,
    };
    return inEnvironment(env, async () => {
      const stacks = [...(await listStacks()).keys()];
      return [stateDir(), catalogDir(), ...stacks];
    });
  };
  const [one, two] = await Promise.all([estate("one"), estate("two")]);
  expect(one).toEqual(["/tmp/one", "/catalogs/one", "tmp?one"]);
  expect(two).toEqual(["/tmp/two", "/catalogs/two", "tmp?two"]);
});

it("is a command's own: two actions at once see what each has set", async () => {
  const run = async (value: string) => {
    let seen: string | undefined;
    const program = new ScopedCommand("sitefleet");
    program
      .command("group")
      .command("act")
      .action(async () => {
        amendEnvironment({ SITEFLEET_TEST_MARK: value });
        await sleep(5);
        seen = environment().SITEFLEET_TEST_MARK;
      });
    await program.parseAsync(["group", "act"], { from: "user" });
    return seen;
  };
  expect(await Promise.all([run("one"), run("two")])).toEqual(["one", "two"]);
  expect(process.env.SITEFLEET_TEST_MARK).toBeUndefined();
});

/** Who may ask for the process's own environment, and why. */
const ENTRANCES = [
  "cli/output/style.ts", // what the process's terminal can show
  "cli/sitefleet.js", // starts the process
  "environment/index.ts",
  "fleet/backend/store/s3-store.ts", // the SDK asks the process: whether that would be the same
  "fleet/run/runner/main.ts", // a process of its own, with one job at a time
  "plesk/kinds/prove.ts", // text of a program that runs in a container
  "provider/shared-main.ts", // a process of its own
];

it("is what the product asks: the process's own only at the listed entrances", () => {
  const folders = ["checks", "cli", "components", "environment", "errors", "fleet", "model", "operations", "plesk"];
  const args = ["grep", "-lE", 'process\\.env\\b|\\benv\\b.*from "node:process"', "--"];
  const paths = [...folders, "provider", "stacks", "vendors"].flatMap((name) => [`${name}/*.ts`, `${name}/*.js`]);
  const { stdout } = spawnSync("git", [...args, ...paths], { encoding: "utf8" });
  expect(stdout.trim().split("\n")).toEqual(ENTRANCES);
});

it("logs in to a store by the operation's own keys, however the process would", () => {
  const env = (key: string) => ({
    PULUMI_BACKEND_URL: "s3://states?region=eu-central-1",
    AWS_ACCESS_KEY_ID: key,
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  expect(stateStore(env("one"))).not.toBe(stateStore(env("two")));
  expect(stateStore(env("one"))).toBe(stateStore(env("one")));
});
