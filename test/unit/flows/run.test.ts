import type { Browser } from "playwright-core";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { comparePictures } from "../../../flows/pictures.ts";
import { judgeFlows, newUser, runFlows } from "../../../flows/run.ts";
import type { FlowTry } from "../../../flows/types.ts";
import { readFlows } from "../../../model/index.ts";
import { refusal } from "../../../operations/flows/perform.ts";

const flows = readFlows("catalog")?.flows as NonNullable<NonNullable<ReturnType<typeof readFlows>>["flows"]>;
const passed: FlowTry = { ok: true, reason: "", milliseconds: 1, evidence: [] };
const failed: FlowTry = { ok: false, reason: "step 1", milliseconds: 1, evidence: ["page.png"] };

/** Runs the seven flows; `tries` says how each of a flow's tries ends. */
async function ran(tries: Readonly<Record<string, readonly FlowTry[]>>, signal = new AbortController().signal) {
  const asked: string[] = [];
  const results = await runFlows({
    browser: {} as Browser,
    flows,
    chosen: flows.flows,
    origin: (service) => `https://${service}.example`,
    hosts: new Set(),
    refused: ({ key }) => (key === "consent" ? "not here" : undefined),
    evidence: "/nowhere",
    signal,
    attempt: async ({ key }) => {
      asked.push(key);
      return tries[key]?.[asked.filter((one) => one === key).length - 1] ?? passed;
    },
  });
  return { asked, results, state: Object.fromEntries(results.map(({ flow, state }) => [flow, state])) };
}

describe("flows", () => {
  it("are repeated when they fail: flaky is told apart, counted, and fails nothing", async () => {
    const { asked, results, state } = await ran({ donation: [failed, passed], support: [failed, failed, passed] });
    expect(state).toMatchObject({ registration: "pass", donation: "flaky", support: "fail", consent: "not-run" });
    expect(asked.filter((key) => key === "support")).toHaveLength(2);
    expect(asked).not.toContain("consent");
    expect(judgeFlows(results, 20)).toMatchObject({ ok: true, failed: 1, flaky: 1, notRun: 1 });
    expect(judgeFlows(results, 10)).toMatchObject({
      ok: false,
      sentence: expect.stringContaining("1 of 6 flows fail (17 %): support"),
    });
  });

  it("one of seven is more than 10 %, one of ten is not, and none that ran is no failure", () => {
    const result = { title: "", service: "crm", reason: "", tries: [] };
    const some = (all: number) =>
      Array.from({ length: all }, (_, index) => ({
        ...result,
        flow: `f${index}`,
        state: index === 0 ? ("fail" as const) : ("pass" as const),
      }));
    expect(judgeFlows(some(7), 10).ok).toBe(false);
    expect(judgeFlows(some(10), 10).ok).toBe(true);
    expect(judgeFlows([], 10)).toMatchObject({ ok: true, failedPercent: 0 });
  });

  it("are not begun any more after a stop, and say so", async () => {
    const { asked, state } = await ran({}, AbortSignal.abort());
    expect(asked).toEqual([]);
    expect(new Set(Object.values(state))).toEqual(new Set(["not-run"]));
  });

  it("have a user of their own each", () => {
    const [one, other] = [newUser(flows), newUser(flows)];
    expect(one.mail).toMatch(/^flow-[0-9a-f]{10}@example\.org$/);
    expect(one.mail).not.toBe(other.mail);
    expect(one.password).not.toBe(other.password);
  });

  it("run on an estate for tests, at a staging address, or where they are marked safe", () => {
    const [registration, consent] = [flows.flows[0], flows.flows.at(-1)] as const;
    if (registration === undefined || consent === undefined) throw new Error("the sample has flows");
    const on = (target: string, staging?: boolean) => ({ flows, target, staging });
    expect(refusal(registration, on("sandbox"), "http://mail")).toBeUndefined();
    expect(refusal(registration, on("production"), "http://mail")).toContain("not marked safe");
    expect(refusal(registration, on(""), "http://mail")).toContain("not marked safe");
    expect(refusal(consent, on("production"), undefined)).toBeUndefined();
    expect(refusal(registration, on("sandbox"), undefined)).toContain("SITEFLEET_MAILBOX_URL is not set");
    expect(refusal(consent, on("production", true), undefined)).toContain("no staging address");
  });
});

describe("pictures", () => {
  /** A white picture with a black bar. */
  const picture = (height: number, bar: number): Buffer => {
    const png = new PNG({ width: 20, height });
    png.data.fill(255);
    for (let at = 0; at < bar * 20 * 4; at += 4) png.data.set([0, 0, 0, 255], at);
    return PNG.sync.write(png);
  };

  it("that are the same differ in nothing; a bar that is thicker, or a page that is longer, is a difference with its picture", async () => {
    expect((await comparePictures(picture(20, 2), picture(20, 2))).percent).toBe(0);
    const thicker = await comparePictures(picture(20, 2), picture(20, 6));
    expect(thicker.percent).toBeCloseTo(20, 5);
    expect(PNG.sync.read(thicker.picture)).toMatchObject({ width: 20, height: 20 });
    expect((await comparePictures(picture(20, 2), picture(40, 2))).percent).toBeGreaterThan(0);
  });

  it("that are none are refused", async () => {
    await expect(comparePictures(Buffer.from("<html>"), picture(20, 2))).rejects.toThrow();
  });
});
