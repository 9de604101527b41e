import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hasCode, SitefleetError } from "../../../../../errors/index.ts";
import { STACKS } from "../../../../../fleet/backend/store/project.ts";
import { chooseStacks } from "../../../../../fleet/run/choose.ts";
import { clearRun, lookAhead, refuseEarly } from "../../../../../fleet/run/preflight/index.ts";
import type { Look } from "../../../../../fleet/run/preflight/look.ts";
import type { Session } from "../../../../../fleet/run/session.ts";
import { type Catalog, loadCatalog, sitesByCell, stackOfCell } from "../../../../../model/index.ts";
import { desiredState, type StackState } from "../../../../../stacks/desired.ts";
import { PROJECT_ROOT } from "../../../../../stacks/root.ts";
import { resource, SERVICE, SITE } from "./world.ts";

// The whole estate's catalog against states as they are on disk. What breaks when these fail: a catalog that was cut reaches the
// vendors.

const catalog = loadCatalog(join(PROJECT_ROOT, "catalog"));
const dir = mkdtempSync(join(tmpdir(), "sitefleet-preflight-"));
const names = [...sitesByCell(catalog.sites).keys()].map((cell) => stackOfCell(cell));

beforeAll(() => {
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${dir}`);
  for (const [cell, sites] of sitesByCell(catalog.sites)) {
    const stack = stackOfCell(cell);
    const desired = JSON.stringify(desiredState(catalog, stack));
    const self = { ...resource("pulumi:pulumi:Stack", stack), outputs: { desired } };
    const resources = [self, ...sites.map(({ host }) => resource(SITE, host))].map((one) => ({
      ...one,
      urn: one.urn.replace("urn:pulumi:s::", `urn:pulumi:${stack}::`),
    }));
    const file = join(dir, STACKS, `${stack}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack, latest: { resources } } }));
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

/** A session on those states with another catalog. */
function session(now: Catalog, named: readonly string[] = []): Session {
  const infos = new Map(names.map((name) => [name, { name, lastUpdate: "2026-01-01T00:00:00.000Z", resources: 1 }]));
  const choice = chooseStacks(now, new Set(names), named);
  const inputs = { catalog: now, state: async (stack: string) => desiredState(now, stack) };
  const surveyed = choice.stacks.map((stack) => ({ stack, reason: "changed", differs: true, declared: true }));
  return { infos, choice, inputs, surveyed } as unknown as Session;
}
const cells = ({ choice }: Session) => choice.stacks.filter((stack) => names.includes(stack));
const rules = { allow: [] };
const cut = { ...catalog, sites: catalog.sites.slice(0, 15) };

describe("the full estate", () => {
  it("cut to 15 sites is refused with the figures before anything is locked", async () => {
    const now = session(cut);
    const error = await refuseEarly(now, { stacks: cells(now), rules }).catch((one: unknown) => one);
    if (!(error instanceof SitefleetError)) throw error;
    expect(error.code).toBe("preflight.refused");
    expect(error.exitCode).toBe(5);
    expect(error.details[0]).toContain(`${catalog.sites.length - 15} of ${catalog.sites.length} sites (99 %)`);
    expect(error.hint).toContain("--allow mass-delete");
  });

  it("is refused for a single cell as well, emptied or not", async () => {
    const emptied = [...session(cut).choice.retired][0] as string;
    const [kept = ""] = [...sitesByCell(cut.sites).keys()].filter((cell) => cell !== "canary").map(stackOfCell);
    for (const stack of [emptied, kept]) {
      const refused = refuseEarly(session(cut, [stack]), { stacks: [stack], rules });
      await expect(refused).rejects.toSatisfy((error) => hasCode(error, "preflight.refused"));
    }
  });

  it("passes with the named safeguard, and as it is", async () => {
    const now = session(cut);
    const lifted = await lookAhead(now, { stacks: cells(now), rules: { allow: ["mass-delete"] } });
    expect(lifted.findings.map(({ rule, lifted }) => [rule, lifted])).toEqual([["mass-delete.site", true]]);
    const same = session(catalog);
    expect(await lookAhead(same, { stacks: cells(same), rules })).toEqual({
      findings: [],
      uncertain: [],
      facts: expect.any(Array),
    });
  });

  it("with another number of cells is refused whatever is allowed, also one stack of it, and when going back", async () => {
    const now = session({ ...catalog, cells: 60 });
    const [one = ""] = cells(now).filter((name) => name !== "prod-cell-canary");
    const changed = (error: unknown) => hasCode(error, "cells.changed");
    const allowed = { stacks: cells(now), rules: { allow: ["mass-delete"] } };
    await expect(refuseEarly(now, allowed)).rejects.toSatisfy(changed);
    await expect(lookAhead(now, { stacks: [one], rules: { allow: [], direction: "back" } })).rejects.toSatisfy(changed);
  });

  it("passes when an eighth of it goes, although a small cell loses most of its sites", async () => {
    const [small = ""] = names.filter((name) => name !== "prod-cell-canary");
    const gone = new Set(
      (sitesByCell(catalog.sites).get(small.slice("prod-cell-".length)) ?? []).map(({ host }) => host),
    );
    const now = session({
      ...catalog,
      sites: catalog.sites.filter(({ host }, index) => !gone.has(host) && index % 8 > 0),
    });
    expect(await refuseEarly(now, { stacks: cells(now), rules })).toEqual([]);
  });
});

it("knows of cells that are as declared what their states say, without reading them", async () => {
  const now = session(catalog);
  const [one = "", two = ""] = cells(now);
  const surveyed = now.surveyed.map((known) => ({ ...known, reason: undefined, differs: known.stack === one }));
  const options = { stacks: [one], rules, whole: true };
  const byStack = (facts: Look["facts"]) =>
    facts
      .map((one) => ({ ...one, items: one.items.toSorted((a, b) => a.name.localeCompare(b.name)) }))
      .sort((a, b) => a.stack.localeCompare(b.stack));
  const { facts: read } = await lookAhead(now, options);
  const file = join(dir, STACKS, `${two}.json`);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, "{");
  const { facts: known } = await lookAhead({ ...now, surveyed }, options);
  const { facts: stale } = await lookAhead({ ...now, surveyed }, { ...options, stale: true });
  writeFileSync(file, text);
  expect(byStack(known)).toEqual(byStack(read));
  expect(stale.find(({ stack }) => stack === two)?.items).toEqual([]);
});

it("leaves a state that cannot be read to those who mend it: it takes nothing away and stops no other stack", async () => {
  const now = session(catalog);
  const [one = "", two = ""] = cells(now);
  const file = join(dir, STACKS, `${one}.json`);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.slice(0, text.length / 2));
  expect((await lookAhead(now, { stacks: [one, two], rules })).findings).toEqual([]);
  writeFileSync(file, text);
});

describe("what only the engine knows", () => {
  it("is previewed, and a stack whose preview fails is told", async () => {
    const now = session(catalog);
    const [one = "", two = ""] = cells(now);
    const stale = { stacks: [one, two], rules, stale: true };
    const asked: string[][] = [];
    const preview = async (stacks: readonly string[]) => {
      asked.push([...stacks]);
      const results = stacks.map((stack) => ({ stack, ok: stack !== two, steps: [], errors: [] }));
      return { results, skipped: [], milliseconds: 0 } as never;
    };
    const { failed } = await clearRun(now, stale, preview);
    expect(asked).toEqual([[one, two]]);
    expect(failed.map(({ stack }) => stack)).toEqual([two]);
    // With nothing uncertain, and when going back, nobody waits for previews.
    await clearRun(now, { stacks: [one], rules }, preview);
    await clearRun(now, { ...stale, rules: { allow: [], direction: "back" } }, preview);
    expect(asked).toHaveLength(1);
  });
});

// The hotfix path: an update of some services leaves no declaration of the whole in the state, and databases stand nowhere else.
it("a service's database is known after an update of some services", async () => {
  const stack = "prod-plesk";
  const declaration = (...keys: string[]) =>
    ({
      kind: "plesk",
      hosts: [],
      services: keys.map((key) => ({ key, database: { engine: "mariadb", name: `mo_${key}` } })),
    }) as unknown as StackState;
  const state = (outputs: object) => {
    const self = { ...resource("pulumi:pulumi:Stack", stack), outputs };
    const resources = [self, resource(SERVICE, "crm"), resource(SERVICE, "votes")].map((one) => ({
      ...one,
      urn: one.urn.replace("urn:pulumi:s::", `urn:pulumi:${stack}::`),
    }));
    return JSON.stringify({ version: 3, checkpoint: { stack, latest: { resources } } });
  };
  const history = join(dir, ".pulumi/history/sitefleet", stack);
  mkdirSync(history, { recursive: true });
  const record = JSON.stringify({ startTime: 1, result: "succeeded", kind: "update" });
  for (const [at, outputs] of [{ desired: JSON.stringify(declaration("crm", "votes")) }, {}].entries()) {
    writeFileSync(join(history, `${stack}-${at + 1}.history.json`), record);
    writeFileSync(join(history, `${stack}-${at + 1}.checkpoint.json`), state(outputs));
  }
  writeFileSync(join(dir, STACKS, `${stack}.json`), state({}));
  const { inputs, ...rest } = session(catalog, [stack]);
  const infos = new Map([[stack, { name: stack, lastUpdate: "2026-01-01T00:00:00.000Z", resources: 3 }]]);
  const now = { ...rest, infos, inputs: { ...inputs, state: async () => declaration("crm") } } as unknown as Session;
  const { findings } = await lookAhead(now, { stacks: [stack], rules });
  expect(findings.filter(({ rule }) => rule === "delete-database")).toMatchObject([
    { severity: "refuse", sentence: expect.stringContaining("mo_votes of votes") },
  ]);
  // A deployment of the other one lets go of nothing.
  expect((await lookAhead(now, { stacks: [stack], rules, services: ["crm"] })).findings).toEqual([]);
});
