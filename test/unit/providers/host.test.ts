// Breaks when the host or the plugin launchers no longer start, tell their ports, or end.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { hostProviders, parseWanted } from "../../../sandbox/providers/host.ts";
import { loadProvider, providerNames } from "../../../sandbox/providers/registry.ts";
import { TestEngine } from "./engine.ts";

const providers = resolve(import.meta.dirname, "../../../sandbox/providers");
const TYPE = "random:index/randomBytes:RandomBytes";
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function start(command: string, args: string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { child, line };
}

async function works(port: number): Promise<void> {
  const engine = new TestEngine(port, TYPE);
  await engine.configure({});
  expect((await engine.create({ length: 4 })).id).not.toBe("");
  await engine.stop();
}

describe("host", () => {
  it("reads names and ports, and takes all providers for none", () => {
    expect(parseWanted(["random", "vercel=4100"])).toEqual([
      { name: "random", port: 0 },
      { name: "vercel", port: 4100 },
    ]);
    expect(parseWanted([]).map(({ name }) => name)).toEqual([...providerNames]);
    expect(() => parseWanted(["random=x"])).toThrow("not a port");
  });

  it("knows every provider it names, by the name it goes by", async () => {
    for (const name of providerNames) expect((await loadProvider(name)).name).toBe(name);
    await expect(loadProvider("aws")).rejects.toThrow('no stand-in for "aws"');
  });

  it("takes a free port when the wanted one is taken", async () => {
    const [first] = await hostProviders([{ name: "random", port: 0 }]);
    const [second] = await hostProviders([{ name: "random", port: first!.port }]);
    expect(second!.port).not.toBe(first!.port);
    await Promise.all([first!.stop(), second!.stop()]);
  });

  it("prints its ports as one line of JSON, serves, and ends on SIGTERM with 0", async () => {
    const { child, line } = await start(process.execPath, [join(providers, "host.ts"), "random"]);
    await works((JSON.parse(line) as { random: number }).random);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says what is wrong and ends with 1", async () => {
    const child = spawn(process.execPath, [join(providers, "host.ts"), "nope"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [text] = (await once(child.stderr!, "data")) as [Buffer];
    expect(String(text)).toBe(`no stand-in for "nope"; there are: ${providerNames.join(", ")}\n`);
    expect(await once(child, "exit")).toEqual([1, null]);
  });
});

describe("plugin launcher", () => {
  it("works through a symbolic link and prints nothing but its port", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plugins-"));
    await symlink(join(providers, "bin/pulumi-resource-random"), join(folder, "pulumi-resource-random"));
    const { child, line } = await start(join(folder, "pulumi-resource-random"), ["127.0.0.1:1"]);
    expect(line).toMatch(/^\d+$/);
    await works(Number(line));
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    await rm(folder, { recursive: true });
  });

  it("ends when the engine that started it is gone", async () => {
    const plugin = join(providers, "bin/pulumi-resource-random");
    const script = `const { spawn } = require("node:child_process"); const p = spawn(${JSON.stringify(plugin)}, ["x"], { stdio: ["ignore", "pipe", "inherit"] }); p.stdout.once("data", () => console.log(p.pid)); setInterval(() => {}, 1000);`;
    const { child, line } = await start(process.execPath, ["-e", script]);
    child.kill("SIGKILL");
    await expect.poll(() => alive(Number(line)), { timeout: 10_000 }).toBe(false);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
