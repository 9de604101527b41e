// What would break: a release would count as healthy while PHP goes on with the code of the one before. Real sshd and PHP that keeps
// compiled code and resolved paths, as production does.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseTarget, rollback } from "../../../../plesk/index.ts";
import { World } from "./world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const KEY = "votes";
const world = new World();
let copies = 0;

beforeAll(async () => {
  await world.start();
  await world.publish();
  await world.setPassword(KEY);
  await world.behave({ php: { staleCode: true } });
});
afterAll(() => world.remove());

/** An artifact whose page tells its text and the release in which PHP found it. */
function page(text: string, files: Readonly<Record<string, string>> = {}): string {
  copies += 1;
  const dir = join(world.folder, `artifact-${copies}`);
  cpSync(join("catalog", world.service(KEY).artifact), dir, { recursive: true });
  const all = { "index.php": `<?php echo '${text} ', basename(__DIR__);`, ...files };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(dir, name), content);
  return dir;
}

/** Scripts of the driver that lie in any release of the service, or in its document root. */
function left(): string[] {
  const path = join(world.dir, "host", world.service(KEY).path);
  const base = join(`${path}.sitefleet`, "releases");
  if (!existsSync(base)) throw new Error(`${base} is not where the host keeps its releases`);
  return readdirSync(base).flatMap((release) =>
    readdirSync(join(base, release)).filter((name) => name.startsWith("sitefleet-reset-")),
  );
}

const text = async () => (await world.ask(KEY)).text;

describe("with PHP that keeps old code", () => {
  it("a deployment's answers are the new code's, and nothing of the driver's stays", async () => {
    const first = await world.deploy(KEY, page("one"));
    expect(await text()).toBe(`one ${first.release}`);
    const second = await world.deploy(KEY, page("two"));
    expect(second.warnings).toEqual([]);
    expect(Object.keys(second.steps)).toContain("cache reset");
    expect(await text()).toBe(`two ${second.release}`);
    expect(left()).toEqual([]);
  });

  it("a rollback's answers are the old code's", async () => {
    const before = await text();
    const { artifact: _, env: __, ...target } = world.document(KEY);
    const [outcome] = await rollback([parseTarget(target)]);
    expect(outcome).toMatchObject({ ok: true });
    expect(before).toMatch(/^two /);
    expect(await text()).toMatch(/^one /);
    expect(left()).toEqual([]);
  });

  it("a release that is taken back leaves the old code answering, and nothing of the driver's", async () => {
    const before = await text();
    const broken = page("x", { "index.php": "<?php http_response_code(500);" });
    const document = world.document(KEY, broken);
    await expect(
      world.deployDocument({ ...document, health: { ...document.health!, withinSeconds: 2 } }),
    ).rejects.toMatchObject({
      code: "plesk.unhealthy",
    });
    expect(await text()).toBe(before);
    expect(left()).toEqual([]);
  });

  it("a driver that is killed after the switch leaves it to the next run to reset and to clean up", async () => {
    const document = world.document(KEY, page("three"));
    // Nobody answers there: the driver keeps asking until it is killed.
    const nobody = { ...document, health: { ...document.health!, url: "http://127.0.0.1:9/", withinSeconds: 60 } };
    const driver = spawn(process.execPath, ["plesk/main.ts", "deploy"], { stdio: ["pipe", "ignore", "ignore"] });
    driver.stdin?.end(JSON.stringify(nobody));
    const before = await text();
    await vi.waitFor(() => expect(left().length).toBeGreaterThan(0), { timeout: 60_000, interval: 50 });
    await vi.waitFor(
      async () => {
        const marker = await world.ask(KEY, "/.well-known/sitefleet-release");
        expect(before).not.toContain(marker.text.trim());
      },
      { timeout: 60_000, interval: 50 },
    );
    driver.kill("SIGKILL");
    expect(await text()).toBe(before);
    const next = await world.deployDocument(document);
    // Nobody had judged it: it was put back, and goes live by this run.
    expect(next.outcome).toBe("switched");
    expect(await text()).toBe(`three ${next.release}`);
    expect(left()).toEqual([]);
  });

  it("a document root that PHP knew as a directory answers with the new code after its conversion", async () => {
    const path = join(world.dir, "host", world.service("forum").path);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "index.php"), "<?php echo 'by hand';");
    expect((await world.ask("forum")).text).toBe("by hand");
    const document = world.document("forum", page("forum"));
    const { database: _, ...rest } = document;
    const done = await world.deployDocument({ ...rest, allow: ["delete-share"] });
    expect(done).toMatchObject({ converted: true, warnings: [] });
    expect((await world.ask("forum")).text).toBe(`forum ${done.release}`);
    expect(readdirSync(join(`${path}.sitefleet`, "releases/original"))).toEqual(["index.php"]);
  });
});
