import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placesOf } from "../../fleet/backend/store/project.ts";
import type { FleetEvent } from "../../operations/kit/events.ts";
import { type Operation, perform, STOPPED_EXIT } from "../../operations/kit/operation.ts";
import { preview } from "../../operations/preview.ts";
import { up } from "../../operations/up.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { sandboxEnv } from "../../sandbox/control.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { watchArguments } from "../support/arguments.ts";
import { Estate, type Row } from "../support/estate.ts";

// Operations without a terminal and without a command: two sandboxes, one process. What breaks when these fail: an agent's or a
// dashboard's operation changes another estate than its own, cannot be stopped, or prints where it must not.

/** Enough of them that a few are a part of the cell. */
const rowsOf = (prefix: string): Row[] => [
  ...["a", "b", "c", "d", "e"].map((name) => ({ name: `${prefix}-${name}`, tags: "canary" })),
  ...["s", "t"].map((name) => ({ name: `${prefix}-${name}`, tags: "canary", project: "shared" })),
];
const [one, two] = [new Estate(rowsOf("one")), new Estate(rowsOf("two"))];
const CELL = "canary";

beforeAll(() => Promise.all([one.start(), two.start()]));
afterAll(() => Promise.all([one.remove(), two.remove()]));

/** What an operation needs to know of an estate. */
function of(estate: Estate) {
  const env = {
    ...process.env,
    ...sandboxEnv(estate.info),
    SITEFLEET_CATALOG: estate.catalog,
    SITEFLEET_BUDGET: "off",
  };
  const configFile = resolve(PROJECT_ROOT, (env as NodeJS.ProcessEnv).SITEFLEET_CONFIG_FILE ?? "");
  return { catalogDir: estate.catalog, configFile, env };
}

/** What went out on this process's streams while work went on. */
async function printed(work: () => Promise<unknown>): Promise<string> {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  let text = "";
  const keep = (chunk: unknown) => {
    text += String(chunk);
    return true;
  };
  for (const stream of streams) stream.write = keep as never;
  try {
    await work();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] as never;
  }
  return text;
}

describe("two previews and an update at once, on two sandboxes", () => {
  const told = { update: [] as FleetEvent[], preview: [] as FleetEvent[], stopped: [] as FleetEvent[] };
  const abort = new AbortController();
  let update: Awaited<
    ReturnType<typeof perform<typeof up.input, typeof up.events, Parameters<typeof up.document>[0], typeof up.output>>
  >;
  let found: Awaited<
    ReturnType<
      typeof perform<
        typeof preview.input,
        typeof preview.events,
        Parameters<typeof preview.document>[0],
        typeof preview.output
      >
    >
  >;
  let stopped: typeof found;
  let text = "";

  beforeAll(async () => {
    const before = { env: { ...process.env }, exitCode: process.exitCode };
    text = await printed(async () => {
      [update, found, stopped] = await Promise.all([
        perform(
          up,
          { stack: ["prod"], cell: [CELL], check: false },
          { estate: of(one), emit: (event) => told.update.push(event) },
        ),
        perform(
          preview,
          { stack: ["prod"], cell: [CELL] },
          { estate: of(two), emit: (event) => told.preview.push(event) },
        ),
        perform(
          preview,
          { stack: ["prod"], cell: [CELL], concurrency: 1 },
          {
            estate: of(two),
            signal: abort.signal,
            emit(event) {
              told.stopped.push(event);
              if (event.event === "stack-started") abort.abort();
            },
          },
        ),
      ]);
    });
    expect(process.env).toEqual(before.env);
    expect(process.exitCode).toBe(before.exitCode);
  });

  it("print nothing", () => expect(text).toBe(""));

  it("each work on their own estate", async () => {
    expect(update.document.failed).toEqual([]);
    expect(update.document).toMatchObject({ ok: true, total: { deleted: 0, changed: 0 } });
    expect(update.exitCode).toBe(0);
    const names = (estate: Estate) => estate.pulumi("stack", "export", "-s", "prod-cell-canary");
    expect((await names(one)).stdout).toContain("one-a.qmoney.de");
    expect((await names(two)).code, "the other sandbox has no such stack").not.toBe(0);
    expect(found.exitCode).toBe(0);
    const sites = found.document.steps.map(({ name }) => name).join(" ");
    expect(sites).toContain("two-a.qmoney.de");
    expect(sites).not.toContain("one-a");
    expect(update.document.total.created).toBe(found.document.total.created);
  });

  it("are stopped one by one", () => {
    expect(stopped.exitCode).toBe(STOPPED_EXIT);
    expect(stopped.document.ok).toBe(false);
    expect(stopped.document.skipped.map(({ reason }) => reason)).toContain("the run was stopped");
  });

  it("tell events and come to documents of their published shape", () => {
    const holds = (operation: Operation, events: readonly unknown[], document: unknown) => {
      for (const event of events) operation.events.parse(event);
      operation.output.parse(document);
    };
    holds(up as unknown as Operation, told.update, update.document);
    holds(preview as unknown as Operation, told.preview, found.document);
    holds(preview as unknown as Operation, told.stopped, stopped.document);
    const stacks = told.update.flatMap((event) => (event.event === "stack-ended" ? [event.stack] : []));
    expect(stacks.sort()).toEqual(["prod", "prod-cell-canary"]);
    expect(told.update.filter(({ event }) => event === "step").length).toBeGreaterThan(10);
    expect(told.update.at(0)?.event).toBe("begun");
    expect(told.update.at(-1)?.event).toBe("done");
  });

  it("refuse an input that is wrong before anything is asked", async () => {
    const wrong = perform(preview, { concurrency: 0, stack: "prod" } as never, { estate: of(two) });
    await expect(wrong).rejects.toMatchObject({
      code: "usage",
      details: [expect.stringMatching(/^stack: /), expect.stringMatching(/^concurrency: /)],
    });
  });
});

describe("some sites of a cell", () => {
  interface Report {
    readonly total: Record<string, number>;
    readonly steps: { op: string; type: string; name: string }[];
    readonly unopened: string[];
    readonly byStack: { stack: string }[];
  }
  const ask = async (...args: string[]) => {
    const ran = await one.sitefleet(...args, "--json", "--stack", "prod", "--cell", CELL);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    return JSON.parse(ran.stdout) as Report;
  };
  const short = ({ steps }: Report) => steps.map(({ op, type, name }) => `${op} ${type} ${name}`).sort();
  const named = (stdout: string) => stdout.match(/one-[a-z]\.qmoney\.de/g) ?? [];
  const stateOf = async () => (await one.pulumi("stack", "export", "-s", `prod-cell-${CELL}`)).stdout;

  it("are all that a review declares and an update touches, and both come to what the whole cell's do", async () => {
    const changed: Row[] = [
      { name: "one-a", tags: "canary", framework: "astro" },
      ...rowsOf("one").filter(({ name }) => name !== "one-a" && name !== "one-b"),
      { name: "one-f", tags: "canary" },
    ];
    one.writeSites(changed);
    const watch = watchArguments();
    const part = await ask("preview");
    const targets = watch.stop().flatMap((line) => line.match(/one-[a-z]\.qmoney\.de/g) ?? []);
    const whole = await ask("preview", "--all");
    expect(short(part)).toEqual(short(whole));
    expect(new Set(targets), "what the engine is limited to").toEqual(
      new Set(["one-a.qmoney.de", "one-b.qmoney.de", "one-f.qmoney.de"]),
    );
    const before = await stateOf();
    const up = await ask("up", "--yes", "--no-check");
    expect(up.total).toMatchObject({ created: 4, deleted: 4, changed: 2, replaced: 0 });
    const after = await stateOf();
    expect(new Set(named(after))).toEqual(new Set(changed.map(({ name }) => `${name}.qmoney.de`)));
    // A secret has another text each time.
    const site = (text: string) =>
      (
        JSON.parse(text.replaceAll(/"ciphertext": "[^"]*"/g, '"ciphertext": ""')) as {
          deployment: { resources: { urn: string }[] };
        }
      ).deployment.resources.filter(({ urn }) => urn.endsWith("::one-c.qmoney.de"));
    expect(site(after), "what is declared as before is as it was").toEqual(site(before));
  });

  it("leave the stack known whole: nothing is opened any more, and a look at all of it finds nothing", async () => {
    const next = await ask("preview");
    expect(next.byStack).toEqual([]);
    expect((await ask("preview", "--all")).total).toMatchObject({ created: 0, changed: 0, replaced: 0, deleted: 0 });
    const { missing, orphans } = await compareWithState(one.info);
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  });

  it("are compared by what is declared of them only where nobody else has written the state", async () => {
    const vercel = async (method: string, path: string, body?: unknown) => {
      const { VERCEL_API_URL, VERCEL_API_TOKEN } = one.env();
      const answer = await fetch(
        `${VERCEL_API_URL}${path}${path.includes("?") ? "&" : "?"}slug=MarketingFunnelEmpire`,
        {
          method,
          headers: { authorization: `Bearer ${VERCEL_API_TOKEN}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
      );
      expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
      return (await answer.json().catch(() => ({}))) as { id?: string; deployments?: { uid: string }[] };
    };
    const project = await vercel("GET", "/v9/projects/one-a-qmoney-de");
    const { deployments } = await vercel("GET", `/v6/deployments?projectId=${project.id}`);
    const before = deployments?.[1]?.uid;
    expect(before, "it was built twice").toBeDefined();
    // Nothing is declared otherwise: what is live is all that is looked at, and says what declaring each resource again does.
    const looked = watchArguments();
    const still = await ask("preview", "--refresh");
    const look = new RegExp(`pulumi refresh .*--preview-only.*prod-cell-${CELL}`);
    expect(looked.stop().filter((line) => look.test(line))).not.toEqual([]);
    const counts = ({ total, steps }: Report) => ({ ...total, steps, seconds: 0 });
    expect(counts(still)).toEqual(counts(await ask("preview", "--all", "--refresh")));
    // Back by hand at Vercel: the state alone says so, no input of the release does.
    await vercel("POST", `/v1/projects/${project.id}/rollback/${before}`);
    expect((await ask("preview", "--all")).total.changed, "nothing live is read").toBe(0);
    const live = await ask("preview", "--refresh");
    expect(short(live)).toEqual(["update sitefleet:vercel:Release one-a.qmoney.de"]);
    expect(counts(live)).toEqual(counts(await ask("preview", "--all", "--refresh")));
    // An import leaves the time of the last update as it was.
    const file = join(one.stateDir, placesOf(`prod-cell-${CELL}`).state);
    const text = readFileSync(file, "utf8");
    const edited = JSON.parse(text);
    for (const { type, outputs } of edited.checkpoint.latest.resources)
      if (type === "vercel:index/project:Project" && outputs.name === "one-c-qmoney-de") outputs.name = "by-hand";
    writeFileSync(file, JSON.stringify(edited));
    expect((await ask("preview", "--all")).total.changed, "the state was edited").toBe(1);
    writeFileSync(file, text);
    const { configFile } = of(one);
    const refresh = ["refresh", "--yes", "--skip-preview", "--config-file", configFile];
    const refreshed = await one.pulumi(...refresh, "-s", `prod-cell-${CELL}`);
    expect(refreshed.code, refreshed.stdout + refreshed.stderr).toBe(0);
    // On a machine with an index of its own, which asks the stack for its digest first and knows it then.
    for (const _ of ["asks", "knows"]) {
      const ran = await one.sitefleetOn("other", ["preview", "--all", "--json", "--cell", CELL]);
      expect(short(JSON.parse(ran.stdout))).toEqual(["update sitefleet:vercel:Release one-a.qmoney.de"]);
    }
    expect((await ask("up", "--all", "--yes", "--no-check")).total.changed).toBe(1);
    expect((await ask("preview", "--all")).total.changed).toBe(0);
  });
});
