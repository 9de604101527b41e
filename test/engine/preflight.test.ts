import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holders } from "../../fleet/backend/locks/locks.ts";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { Estate, type Row } from "../support/estate.ts";

// A small estate whose catalog is cut, as an editor, a script or a bad merge cuts it. What breaks when these fail: a run deletes
// what nobody meant to delete, or takes hosts down before it notices that it may not. The tests follow on each other.

const CELLS = ["07", "11"];
/** Names of sites in few cells: every stack costs time. */
function few(prefix: string, count: number): string[] {
  const found: string[] = [];
  for (let number = 0; found.length < count; number++) {
    const name = `${prefix}${number}`;
    if (CELLS.includes(cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS))) found.push(name);
  }
  return found;
}
const rows: Row[] = [
  ...Array.from({ length: 9 }, (_, index): Row => ({ name: `canary${index}`, tags: "canary" })),
  ...few("shop", 49).map((name): Row => ({ name })),
  { name: "land", project: "shared", tags: "canary" },
  ...few("land-b", 1).map((name): Row => ({ name, project: "shared" })),
];
const estate = new Estate(rows);
const SHARED_PROJECT = "shared-acme-landing-apps-landing";
/** The catalog's files as they were. */
const good = new Map<string, string>();
const REFUSED = 5;

interface Failure {
  readonly error: { readonly code: string; readonly details: string[]; readonly hint: string };
}
const restore = () => {
  for (const [name, text] of good) estate.edit(name, () => text);
};
/** What reached the vendors' APIs since the last look. */
async function calls(): Promise<number> {
  const { total } = (await estate.control("/requests?latest=0")) as { total: number };
  await fetch(new URL("/requests", estate.info.urls.control), { method: "DELETE" });
  return total;
}
const locks = async () => [
  ...readdirSync(estate.stateDir, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(^|\/)locks\/.*\.json$/.test(name),
  ),
  ...(await holders({ dir: join(estate.stateDir, ".sitefleet") })),
];
const journals = () =>
  readdirSync(join(estate.stateDir, ".sitefleet/runs"))
    .sort()
    .map((name) => readFileSync(join(estate.stateDir, ".sitefleet/runs", name), "utf8"));

/** Runs a command that must be refused; returns why. Nothing may have reached a vendor, and no lock may be left. */
async function refused(...args: string[]): Promise<Failure["error"]> {
  await calls();
  const { code, stdout, stderr } = await estate.sitefleet(...args, "--json");
  expect(code, stdout + stderr).toBe(REFUSED);
  expect(await calls(), "calls of vendors").toBe(0);
  expect(await locks()).toEqual([]);
  const { error } = JSON.parse(stdout) as Failure;
  expect(error.code).toBe("preflight.refused");
  return error;
}
async function nothingToChange(): Promise<void> {
  const { code, stdout, stderr } = await estate.sitefleet("preview", "--detailed-exitcode");
  expect(code, stdout + stderr).toBe(0);
}

beforeAll(async () => {
  for (const name of ["sites.csv", "services.yaml", "secrets.yaml", "zones.yaml", "releases.yaml"])
    good.set(name, readFileSync(join(estate.catalog, name), "utf8"));
  await estate.start();
  const { code, stdout, stderr } = await estate.sitefleet("up", "--yes");
  expect(code, stdout + stderr).toBe(0);
});
afterAll(() => estate.remove());

describe("a catalog that was cut", () => {
  it("is refused with the figures, by every command that would carry it out, also for one cell", async () => {
    estate.writeSites(rows.slice(-15));
    const { details } = await refused("up", "--yes");
    expect(details.join("\n")).toContain("45 of 60 sites (75 %) would be deleted");
    await refused("up", "--yes", "--cell", "canary");
    await refused("rollout", "--yes");
    // Another safeguard does not lift it.
    await refused("up", "--yes", "--allow", "delete-zone");
  });

  it("is shown by preview, which fails at nothing", async () => {
    const { stdout } = await estate.sitefleet("preview", "--json");
    const { preflight } = JSON.parse(stdout) as { preflight: { rule: string; severity: string; safeguard: string }[] };
    expect(preflight).toContainEqual(
      expect.objectContaining({ rule: "mass-delete.site", severity: "refuse", safeguard: "mass-delete" }),
    );
  });

  it("leaves nothing behind: the good file has nothing to change", async () => {
    restore();
    await nothingToChange();
  });

  it("is refused when services and secrets are cut", async () => {
    const withoutDatabases = (text: string) => {
      const [head = "", ...blocks] = text.split(/\n(?= {2}- key:)/);
      const left = [head, ...blocks.filter((block) => !block.includes("database:"))].join("\n");
      // The service that others come after is among those that go.
      return left.replaceAll(/^ {4}after: .*\n/gm, "");
    };
    estate.edit("services.yaml", withoutDatabases);
    estate.edit("secrets.yaml", (text) => text.replaceAll(/^ {2}- \{.*source: database.*\n/gm, ""));
    const { details } = await refused("up", "--yes");
    const text = details.join("\n");
    expect(text).toMatch(/14 of 22 services \(63\.6 %\) would be deleted/);
    expect(text).toMatch(/\d+ of \d+ secrets \([\d.]+ %\) would be deleted/);
    expect(text).toContain("--allow delete-database");
    await refused("plesk", "deploy", "--all", "--yes");
    restore();
    await nothingToChange();
  });
});

describe("protection", () => {
  it("of a zone is known before its records go, on every run, with the way on; the rest goes on without it", async () => {
    estate.edit("zones.yaml", (text) => {
      const [head = "", ...zones] = text.split(/\n(?= {2}(?:#.*\n {2})*- name: )/);
      return [head, ...zones.filter((zone) => !zone.includes("name: remotecash.de"))].join("\n");
    });
    // The zone's catch-all was the only one to use it.
    estate.edit("releases.yaml", (text) => text.replace(/ {4}repositories:\n.*landing-kit:\n.*\n/, ""));
    for (const _ of [1, 2]) {
      const { details } = await refused("up", "--yes", "--allow", "delete-zone", "--allow", "delete-project");
      expect(details.join("\n")).toMatch(/zone remotecash\.de is protected and would be deleted/);
      expect(details.join("\n")).toContain("pulumi state unprotect");
    }
    const { code, stdout, stderr } = await estate.sitefleet("up", "--yes", "--except", "prod");
    expect(code, stdout + stderr).toBe(0);
    restore();
    await nothingToChange();
  });
});

describe("a reviewed change set", () => {
  const file = join(estate.dir, "reviewed.json");
  const reviewedOf = (stdout: string) => JSON.parse(stdout) as { reviewed: { stack: string; reason?: string }[] };

  it("that is live already ends well and says so; one that something else has replaced does not", async () => {
    estate.writeSites(rows.map((row, index) => (index === 0 ? { ...row, framework: "astro" } : row)));
    const preview = await estate.sitefleet("preview", "--out", file);
    expect(preview.code, preview.stdout + preview.stderr).toBe(0);
    const first = await estate.sitefleet("up", "--change-set", file, "--json");
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(reviewedOf(first.stdout).reviewed).toEqual([expect.objectContaining({ stack: "prod-cell-canary" })]);
    const again = await estate.sitefleet("up", "--change-set", file, "--json");
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(reviewedOf(again.stdout).reviewed.map(({ reason }) => reason)).toEqual([undefined]);
    restore();
    const up = await estate.sitefleet("up", "--yes");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const late = await estate.sitefleet("up", "--change-set", file, "--json");
    expect(late.code, late.stdout + late.stderr).toBe(1);
    const { error } = JSON.parse(late.stdout) as Failure;
    expect(error.code).toBe("change-set.differs");
    expect(error.details.join("\n")).toMatch(/^0 of \d+ reviewed changes are live/m);
  });
});

describe("a shared project that is made anew", () => {
  it("takes the cells that use it along in the same run", async () => {
    const { VERCEL_API_TOKEN = "" } = estate.env();
    const { vercel } = (await estate.control("/inventory?vendor=vercel")) as { vercel: { teams: { id: string }[] } };
    const url = new URL(`/v9/projects/${SHARED_PROJECT}?teamId=${vercel.teams[0]?.id}`, estate.info.urls.vercel);
    const gone = await fetch(url, { method: "DELETE", headers: { authorization: `Bearer ${VERCEL_API_TOKEN}` } });
    expect(gone.status).toBe(204);
    const config = estate.env().SITEFLEET_CONFIG_FILE ?? "";
    const refresh = await estate.pulumi("refresh", "-s", "prod", "--yes", "--config-file", config);
    expect(refresh.code, refresh.stdout + refresh.stderr).toBe(0);
    const up = await estate.sitefleet("up", "--yes", "--json");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const stacks = (JSON.parse(up.stdout) as { byStack: { stack: string }[] }).byStack.map(({ stack }) => stack);
    expect(stacks).toContain("prod-cell-canary");
    await nothingToChange();
  });
});

describe("a safeguard", () => {
  it("lifts its rule for the run, and the journal says who did it", async () => {
    estate.writeSites(rows.slice(-15));
    const { code, stdout, stderr } = await estate.sitefleet("up", "--yes", "--allow", "mass-delete");
    expect(code, stdout + stderr).toBe(0);
    const last = journals().at(-1) ?? "";
    const entry = last
      .split("\n")
      .map((line) => (line === "" ? undefined : JSON.parse(line)))
      .find((one) => one?.event === "preflight");
    expect(entry).toMatchObject({ allowed: ["mass-delete"], by: expect.stringMatching(/.+@.+|\(CI\)/) });
    expect(entry.findings).toContainEqual(expect.objectContaining({ rule: "mass-delete.site", lifted: true }));
  });
});
