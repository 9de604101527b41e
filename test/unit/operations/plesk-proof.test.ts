import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inEnvironment } from "../../../environment/index.ts";
import { judgeFlows } from "../../../flows/run.ts";
import { type Catalog, type Flows, loadCatalog } from "../../../model/index.ts";
import type { FleetEvent } from "../../../operations/kit/events.ts";
import { observationsOf } from "../../../operations/kit/record.ts";
import { pleskDeploy } from "../../../operations/plesk/deploy.ts";
import { lighthouseSteps } from "../../../operations/plesk/proof/lighthouse.ts";
import { type ProofActions, type ProofStep, prove, type Standing } from "../../../operations/plesk/proof/prove.ts";
import type { Target } from "../../../plesk/index.ts";
import { tempDir } from "../plesk/support/temp.ts";

// Breaks when a bad release stays, when a good one goes back, when a stopped run takes services back, or when what was not measured counts
// as a pass.

const target = (key: string) => ({ service: { key } }) as unknown as Target;
const failing = (...keys: string[]) => keys.map((service) => ({ service, reason: "502" }));

/** What the world answers, and what was done. */
interface World {
  readonly before?: Partial<Standing>;
  readonly smoke?: readonly string[];
  /** Flows of seven that fail; undefined: none are declared. */
  readonly flows?: number | undefined;
  readonly steps?: readonly ProofStep[];
  readonly stopped?: boolean;
}

async function proven({ before, smoke = [], flows, steps, stopped }: World) {
  const events: FleetEvent[] = [];
  const back: string[][] = [];
  const results = Array.from({ length: 7 }, (_, at) => ({
    flow: `f${at}`,
    title: "",
    service: "crm",
    reason: "",
    tries: [],
    state: at < (flows ?? 0) ? ("fail" as const) : ("pass" as const),
  }));
  const does: ProofActions = {
    live: async () =>
      new Map([
        ["crm", "new"],
        ["idp", "old"],
        ["docs", null],
      ]),
    smoke: async (_, keys) => ({ asked: keys.length, failing: failing(...smoke) }),
    flows: async () =>
      flows === undefined ? undefined : { run: "1", at: "", verdict: judgeFlows(results, 10), results },
    looks: async (_tools, _before, good) =>
      void events.push({ event: "notice", text: `pictures of a good one: ${good}` }),
    takeBack: async ({ targets, since, reason }) => {
      back.push([...targets.map(({ service }) => service.key), String(since), reason]);
      return { ok: true, services: ["crm"], outcomes: [], smoke: { asked: 1, failing: [] }, what: "went back" };
    },
  };
  const standing: Standing = {
    catalog: {} as Catalog,
    flows: {} as Flows,
    targets: [target("crm"), target("idp"), target("docs")],
    live: new Map([
      ["crm", "old"],
      ["idp", "old"],
      ["docs", null],
    ]),
    failing: new Set(),
    startedAt: 7,
    ...before,
  };
  const signal = stopped ? AbortSignal.abort() : new AbortController().signal;
  const tools = { estate: {} as never, signal, emit: (event: FleetEvent) => void events.push(event) };
  const proof = await prove(tools, standing, steps, does);
  return { proof, back, events, names: events.map(({ event }) => event) };
}

const step = (state: "pass" | "fail" | "not-run", takesBack: boolean): ProofStep => ({
  name: "Lighthouse",
  takesBack,
  run: async () => ({ state, sentence: `it is a ${state}` }),
});

describe("a deployment", () => {
  it("that changed nothing is not asked; a good one says all that was seen", async () => {
    const same = await proven({
      before: {
        live: new Map([
          ["crm", "new"],
          ["idp", "old"],
        ]),
      },
      smoke: ["crm"],
    });
    expect(same.names).not.toContain("smoke-tested");
    const { proof, back } = await proven({ flows: 0, steps: [step("pass", true)] });
    expect([proof.ok, proof.services, back]).toEqual([true, ["crm"], []]);
    expect(proof.reason).toBe("all 2 services answer; 0 of 7 flows fail; Lighthouse: it is a pass");
  });

  it("is blamed for its own service and for what answered before, not for what failed before", async () => {
    expect((await proven({ smoke: ["crm"] })).back).toEqual([["crm", "7", "1 of 2 services fail: crm (502)"]]);
    expect((await proven({ smoke: ["idp"] })).back).toHaveLength(1);
    const known = await proven({ smoke: ["idp"], before: { failing: new Set(["idp"]) } });
    expect([known.proof.ok, known.back]).toEqual([true, []]);
    expect(known.events[0]).toMatchObject({ event: "smoke-tested", failing: [{ service: "idp" }] });
    // What failed before and is still broken by the new release is not proven.
    expect((await proven({ smoke: ["crm"], before: { failing: new Set(["crm"]) } })).proof.ok).toBe(false);
  });

  it("of which one flow of seven fails goes back", async () => {
    const { proof, back } = await proven({ flows: 1 });
    expect([proof.ok, back]).toEqual([false, [["crm", "7", "1 of 7 flows fail (14 %): f0"]]]);
  });

  it("that was stopped takes nothing back, whatever was seen, and gives no pictures", async () => {
    const { back, events } = await proven({ flows: 7, smoke: ["crm"], stopped: true });
    expect([back, events.filter(({ event }) => event === "notice")]).toEqual([[], []]);
  });
});

describe("a further step", () => {
  it("takes a release back only where it is declared to", async () => {
    const told = await proven({ steps: [step("fail", false)] });
    expect([told.proof.ok, told.back]).toEqual([true, []]);
    expect(told.proof.reason).toContain("Lighthouse: it is a fail");
    const back = await proven({ steps: [step("fail", true)] });
    expect(back.back).toEqual([["crm", "7", "Lighthouse: it is a fail"]]);
  });

  it("that breaks is not known, takes nothing back, and is no pass", async () => {
    const breaks: ProofStep = { ...step("pass", true), run: () => Promise.reject(new Error("no disk")) };
    const { proof, back } = await proven({ steps: [breaks] });
    expect([proof.ok, proof.steps, back]).toEqual([
      true,
      [{ name: "Lighthouse", takesBack: true, state: "not-run", sentence: "not run: no disk" }],
      [],
    ]);
    const run = (steps: typeof proof.steps) =>
      ({ run: "1", results: [], skipped: [], proof: { ...proof, steps } }) as unknown as Parameters<
        NonNullable<typeof pleskDeploy.exitCode>
      >[0];
    expect(exitOf(run(proof.steps))).toBe(4);
    expect(exitOf(run(proof.steps.map((one) => ({ ...one, takesBack: false }))))).toBe(0);
  });

  it("does not hold up a release that goes back anyway", async () => {
    const { proof, back } = await proven({ smoke: ["crm"], steps: [step("fail", true)] });
    expect(proof.steps[0]).toMatchObject({ state: "not-run", sentence: "not run, since the release goes back" });
    expect(back[0]?.[2]).toBe("1 of 2 services fail: crm (502)");
  });
});

const exitOf = (run: Parameters<NonNullable<typeof pleskDeploy.exitCode>>[0]) => pleskDeploy.exitCode?.(run);

describe("Lighthouse after a deployment", () => {
  /** A package and a browser that stand in for the real ones: what is called with what. */
  function estate(quality: string, score = 0.95) {
    const dir = tempDir("sitefleet-proof-");
    const catalogDir = join(dir, "catalog");
    mkdirSync(join(catalogDir, "lighthouse/core"), { recursive: true });
    for (const name of readdirSync("catalog"))
      if (/\.(yaml|csv)$/.test(name)) copyFileSync(join("catalog", name), join(catalogDir, name));
    writeFileSync(join(catalogDir, "quality.yaml"), `tools: { lighthouse: lighthouse }\n${quality}`);
    writeFileSync(join(catalogDir, "lighthouse/package.json"), '{ "type": "module" }');
    writeFileSync(
      join(catalogDir, "lighthouse/core/index.js"),
      `import { appendFileSync } from "node:fs";
export default async (url) => {
  appendFileSync(${JSON.stringify(join(dir, "asked"))}, url + "\\n");
  const of = { score: url.includes("games") ? 0.2 : ${score}, auditRefs: [] };
  const categories = { performance: of, accessibility: { ...of, score: 1 }, "best-practices": { ...of, score: 1 }, seo: { ...of, score: 1 } };
  return { report: JSON.stringify({ categories, audits: {}, environment: { benchmarkIndex: 1500 } }) };
};
`,
    );
    const browser = join(dir, "browser");
    writeFileSync(
      browser,
      '#!/bin/sh\nfor one; do case $one in --user-data-dir=*) cd "$(expr "$one" : "[^=]*=\\(.*\\)")";; esac; done\necho 9 >DevToolsActivePort\nexec cat <&3\n',
    );
    chmodSync(browser, 0o755);
    const env = { PATH: process.env.PATH, SITEFLEET_STATE_DIR: join(dir, "state"), SITEFLEET_BROWSER: browser };
    const said: string[] = [];
    const tools = {
      estate: { catalogDir, configFile: join(dir, "Pulumi.prod.yaml") },
      signal: new AbortController().signal,
      emit: (event: FleetEvent) => void (event.event === "notice" && said.push(event.text)),
    };
    const run = (services: readonly string[], more: object = {}) =>
      inEnvironment({ ...env, ...more }, async () => {
        const [first] = lighthouseSteps(loadCatalog(catalogDir));
        return first && { takesBack: first.takesBack, ...(await first.run(services, tools)) };
      });
    return { run, said, asked: () => readFileSync(join(dir, "asked"), "utf8").trim().split("\n") };
  }
  const CHECKS = "services: { checks: [lighthouse], except: [docs], staging: { crm: https://stg.example.at } }\n";

  it("measures what was deployed, three times each, where visitors are; a miss is told", async () => {
    const { run, said, asked } = estate(CHECKS);
    const { takesBack, state, sentence } = (await run(["crm", "games", "docs"])) ?? {};
    expect([takesBack, state]).toEqual([false, "fail"]);
    expect(sentence).toBe("1 of 2 services reach the thresholds; games: performance 20 (90 or more)");
    const hosts = asked().map((url) => new URL(url).host.split(".")[0]);
    expect(hosts.sort()).toEqual(["crm", "crm", "crm", "games", "games", "games"]);
    expect(said).toContain("Lighthouse: games fail: performance 20 (90 or more)");
    expect(said.at(-1)).toBe("Lighthouse: issue none notify.yaml declares no `publish`: no issue is kept");
  });

  it("is not known without the package or a browser, and says so once", async () => {
    const { run } = estate(`${CHECKS}after: { lighthouse: take-back }\n`);
    const without = await run(["crm", "games"], { SITEFLEET_BROWSER: "/nowhere" });
    expect(without).toMatchObject({ takesBack: true, state: "not-run" });
    expect(without?.sentence).toMatch(
      /^0 of 2 services reach the thresholds; not measured: games, crm \(this machine has no Chromium/,
    );
  });

  it("is left out where quality.yaml says so, or measures no service", async () => {
    expect(await estate(`${CHECKS}after: { lighthouse: "off" }\n`).run(["crm"])).toBeUndefined();
    expect(await estate("services: { checks: [axe] }\n").run(["crm"])).toBeUndefined();
    expect(lighthouseSteps({ ...loadCatalog("catalog"), quality: undefined })).toEqual([]);
  });
});

describe("the incident of a take-back", () => {
  const limits = { repeatMinutes: 60, failurePercent: 5, slowdownPercent: 30, costPerDay: 10 };
  const at = { at: "2026-11-30T00:00:00Z", seq: 1, run: "1" };
  const back = { ...at, event: "went-back", ok: true, what: "crm has its earlier release again", services: ["crm"] };
  const judged = { ...at, event: "judged", verdict: "pass", reason: "all 2 services answer" };
  const seen = (operation: string, ok: boolean, ...entries: object[]) =>
    observationsOf({ operation, ok, choice: false, entries: entries as never }, limits).filter(
      ({ rule }) => rule === "taken-back",
    );

  it("is raised by services that went back, and ended by a later deployment that is proven, by nothing else", () => {
    expect(seen("plesk deploy", false, back)).toMatchObject([{ firing: true, sentence: back.what }]);
    expect(seen("plesk rollback", true, back)).toMatchObject([{ firing: true }]);
    expect(seen("plesk deploy", true, judged)).toMatchObject([{ firing: false, sentence: judged.reason }]);
    const flow = { ...at, event: "flow", flow: "donation", service: "crm", reason: "", evidence: ["/f/page.png"] };
    const ended = { operation: "plesk deploy", ok: false, choice: true, link: "https://ci.example/runs/7" };
    const entries = [{ ...flow, state: "fail" }, { ...flow, state: "flaky", evidence: ["/g/page.png"] }, back];
    expect(observationsOf({ ...ended, entries: entries as never }, limits)[0]?.evidence).toEqual([
      "https://ci.example/runs/7",
      "/f/page.png",
    ]);
    // Sites that went back name no services; a deployment without a proof, or one that has failed, ends nothing.
    expect(seen("up", false, { ...back, services: undefined })).toEqual([]);
    expect(seen("plesk deploy", true)).toEqual([]);
    expect(seen("plesk deploy", false, judged)).toEqual([]);
    expect(seen("up", true, judged)).toEqual([]);
  });
});
