// What breaks when these fail: a person who edits the catalog takes the dashboard away, a store that is away shows an estate in which nothing
// runs, or looking changes something of a run.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { render } from "../../../../dashboard/server/render.js";
import { Now } from "../../../../dashboard/view/first.ts";
import { h } from "../../../../dashboard/view/h.ts";
import { inEnvironment } from "../../../../environment/index.ts";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import type { HostFacts } from "../../../../fleet/overview/index.ts";
import { keepHosts } from "../../../../operations/kept/hosts.ts";
import { Reader } from "../../../../operations/overview/read.ts";
import { tempDir } from "../../plesk/support/temp.ts";

const CATALOG = join(import.meta.dirname, "../../../../catalog");

function world() {
  const dir = tempDir("sitefleet-overview-");
  const catalogDir = join(dir, "catalog");
  cpSync(CATALOG, catalogDir, { recursive: true, filter: (path) => !/(artifacts|sources|schema)$/.test(path) });
  const state = join(dir, "state");
  mkdirSync(join(state, "events"), { recursive: true });
  const env = {
    ...process.env,
    SITEFLEET_STATE_DIR: state,
    SITEFLEET_STATE_URL: "",
    PULUMI_BACKEND_URL: `file://${dir}`,
  };
  const estate = { catalogDir, configFile: join(dir, "Pulumi.prod.yaml"), env };
  const within = <Value>(work: () => Promise<Value>) => inEnvironment(env, work);
  return { dir, catalogDir, state, within, open: () => within(async () => new Reader(estate)) };
}

/** Every file with its size and its last write. */
function tree(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`)
    .sort();
}

/** A stream of a run that a process carries out and never ends. */
function runIn(state: string): string {
  const at = new Date().toISOString();
  const lines = [
    { at, seq: 1, event: "started", operation: "up", by: "ada", target: "prod", total: 2 },
    { at, seq: 2, event: "stack-started", stack: "prod-cell-07" },
  ];
  const file = join(state, "events", "20261130T030000Z-abcdef.jsonl");
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

it("shows the catalog that could last be read while what stands there is broken, says so, and recovers", async () => {
  const { catalogDir, within, open } = world();
  const reader = await open();
  const first = await within(() => reader.read({ sites: true }));
  expect(first.unknown).toEqual([]);
  const file = join(catalogDir, "sites.csv");
  const good = readFileSync(file, "utf8");
  writeFileSync(file, `${good}half a li`);
  const broken = await within(() => reader.read({ sites: true }));
  expect(broken.unknown).toMatchObject([{ what: "the catalog", asOf: first.at, command: "sitefleet validate" }]);
  expect(broken.sites).toEqual(first.sites);
  writeFileSync(file, good);
  utimesSync(file, new Date(), new Date());
  const mended = await within(() => reader.read({ sites: true }));
  expect(mended.unknown).toEqual([]);
  expect(mended.sites).toEqual(first.sites);
});

it("what cannot be read stays as it was and is told with its time; what was never read is not shown as nothing", async () => {
  const { state, within, open } = world();
  const reader = await open();
  const first = await within(() => reader.read());
  const record = join(state, "rollouts", "20261130T030000Z-abcdef.json");
  mkdirSync(join(state, "rollouts"));
  writeFileSync(record, "{");
  const broken = await within(() => reader.read());
  expect(broken.unknown).toMatchObject([{ what: "the rollout", asOf: first.at }]);
  const other = await open();
  const unseen = await within(() => other.read());
  expect(unseen.unknown).toMatchObject([{ what: "the rollout" }]);
  expect(unseen.unknown[0]?.asOf).toBeUndefined();
  const text = render(h(Now, { overview: unseen }));
  expect(text).toContain("Not known");
  expect(text).not.toContain("Nothing runs");
  rmSync(record);
  expect((await within(() => reader.read())).unknown).toEqual([]);
});

it("looking writes nothing and takes no lock, with two who look at once", async () => {
  const { dir, state, within, open } = world();
  runIn(state);
  const before = tree(dir);
  const readers = [await open(), await open()];
  const found = await within(() => Promise.all(readers.map((reader) => reader.read({ sites: true, site: "x" }))));
  expect(tree(dir)).toEqual(before);
  expect(existsSync(join(state, "locks.json"))).toBe(false);
  const [one, other] = found.map(({ at: _, ...rest }) => ({
    ...rest,
    deployments: { ...rest.deployments, since: "" },
  }));
  expect({ ...one, window: undefined }).toEqual({ ...other, window: undefined });
});

it("shows services as `metrics` or `watch` last saw them on their hosts, and says what was never seen", async () => {
  const { state, within, open } = world();
  const reader = await open();
  const unseen = await within(() => reader.read());
  expect(unseen.services[0]?.onHost).toMatchObject({ known: false, command: "sitefleet metrics, or sitefleet watch" });
  const at = Date.now();
  const hosts: HostFacts = {
    at,
    services: [
      {
        service: "crm",
        ok: true,
        value: {
          ...{ service: "crm", deployed: true, cutOff: false, locked: true, goodAt: at, snapshotAt: at - 3_600_000 },
          disk: { freeBytes: 2, bytes: 10 },
          database: { up: true, figures: { connections: 3, limit: 151, migrations: { applied: 7, failed: 1 } } },
        },
      },
      { service: "votes", ok: false, reason: "no route\u001b[31m to it" },
    ],
  };
  await keepHosts(directoryStore(state), hosts);
  const { services } = await within(() => reader.read());
  const of = (key: string) => services.find((one) => one.key === key)?.onHost;
  expect(of("crm")).toEqual({
    known: true,
    ...{ at: new Date(at).toISOString(), deployed: true, cutOff: false, locked: true, databaseUp: true },
    ...{ snapshotAt: new Date(at - 3_600_000).toISOString(), diskFreeBytes: 2, diskBytes: 10 },
    ...{ connections: 3, connectionsLimit: 151, migrations: { applied: 7, failed: 1 } },
  });
  expect(of("votes")).toMatchObject({ known: false, command: "sitefleet plesk status" });
  expect(JSON.stringify(of("votes"))).not.toContain("\\u001b");
  // What another version has kept is nothing, and fails nothing.
  await directoryStore(state).put("figures/hosts.json", '{"at":"yesterday"}');
  expect((await within(() => reader.read())).services[0]?.onHost.known).toBe(false);
});
