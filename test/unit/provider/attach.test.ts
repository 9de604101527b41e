import { spawn } from "node:child_process";
import { createConnection } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startSharedProvider } from "../../../provider/attach.ts";
import { TestEngine } from "../providers/engine.ts";

const TYPE = "sitefleet:vercel:Release";
const root = fileURLToPath(new URL("../../..", import.meta.url));
const LIMIT_MS = 60_000;

/** Whether something listens. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The first line that a process prints. */
function firstLine(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("\n")) resolve(said.split("\n")[0] ?? "");
    });
    child.once("close", () => reject(new Error(`ended after saying ${JSON.stringify(said)}`)));
  });
}

// What breaks when these fail: runs of the fleet start a process a stack, or leave processes behind.
describe("the provider shared by all engines of a run", () => {
  it(
    "is attached beside what is attached already, answers, and is gone after stop",
    async () => {
      const env = { ...process.env, PULUMI_DEBUG_PROVIDERS: "vercel:1,sitefleet:2", VERCEL_API_TOKEN: "x" };
      const shared = await startSharedProvider(env);
      expect(shared.env.PULUMI_DEBUG_PROVIDERS).toBe(`vercel:1,sitefleet:${shared.port}`);
      const engine = new TestEngine(shared.port, TYPE);
      const { resources } = (await engine.schema()) as { resources: Record<string, unknown> };
      expect(Object.keys(resources)).toEqual([TYPE]);
      await engine.stop();
      await shared.stop();
      expect(await listens(shared.port)).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    "ends when the process that started it is killed",
    async () => {
      const program = `import { startSharedProvider } from ${JSON.stringify(`${root}provider/attach.ts`)};
        console.log((await startSharedProvider()).port);`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const port = Number(await firstLine(child));
      expect(await listens(port)).toBe(true);
      child.kill("SIGKILL");
      await until(async () => !(await listens(port)));
    },
    LIMIT_MS,
  );
});

describe("the plugin that plain pulumi starts", () => {
  it(
    "says its port on stdout and nothing else, and ends when its parent does",
    async () => {
      const plugin = spawn("sh", ["-c", '"$0" 127.0.0.1:1 & wait', `${root}provider/bin/pulumi-resource-sitefleet`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const line = await firstLine(plugin);
      expect(line).toMatch(/^\d+$/);
      plugin.kill("SIGKILL");
      await until(async () => !(await listens(Number(line))));
    },
    LIMIT_MS,
  );

  it("starts from any folder", { timeout: LIMIT_MS }, async () => {
    const plugin = spawn(`${root}provider/bin/pulumi-resource-sitefleet`, ["127.0.0.1:1"], {
      cwd: "/",
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await firstLine(plugin);
    const engine = new TestEngine(Number(line), TYPE);
    const { failures } = await engine.check({ projectId: "prj_1", ref: "main" });
    expect(failures.map(({ property }) => property)).toEqual(["ref"]);
    await engine.stop();
    plugin.kill("SIGTERM");
    await new Promise((resolve) => plugin.once("close", resolve));
  });
});
