import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { restoreStates } from "../../../../../fleet/backend/states/cut-off.ts";
import { inspectStates } from "../../../../../fleet/backend/states/inspect.ts";
import { digestOfDirectory, stateText, writeState } from "../../../../support/states.ts";

// States that nothing may be done on. What breaks when this fails: a stack whose state is gone counts as new, and everything
// of it is made a second time; or one damaged state stops the whole estate.

let root: string;
const env = () => ({ PULUMI_BACKEND_URL: `file://${root}` });
const write = (path: string, content: string | Uint8Array) => writeState(root, path, content);
const at = (minute: number) => `2026-11-22T16:${String(minute).padStart(2, "0")}:00.000000001Z`;
/** An update in the history: its record, and the state as it was at its end. */
const update = (stack: string, number: number, content = stateText(stack, { time: at(number) })) => {
  const base = `history/sitefleet/${stack}/${stack}-179533928637611445${number}`;
  write(`${base}.history.json`, "{}");
  return write(`${base}.checkpoint.json`, content);
};
const inspect = async (...stacks: string[]) => {
  const before = existsSync(root) ? digestOfDirectory(root) : "";
  const faults = await inspectStates(stacks, env());
  expect(digestOfDirectory(root)).toBe(before);
  return faults;
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sitefleet-inspect-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("nothing is wrong with", () => {
  it("whole states, new stacks, and a stack that was removed in order", async () => {
    write("stacks/sitefleet/a.json", stateText("a", { time: at(3) }));
    write("stacks/sitefleet/a.json.bak", stateText("a", { time: at(2) }));
    update("a", 3);
    // `pulumi stack rm` keeps the copy of a state without resources, and no history.
    write("stacks/sitefleet/b.json.bak", stateText("b", { resources: 0 }));
    expect([...(await inspect("a", "b", "c")).keys()]).toEqual([]);
  });

  it("a state that is a little older than its history: another machine's clock", async () => {
    write("stacks/sitefleet/a.json", stateText("a", { time: "2026-11-22T16:02:40Z" }));
    update("a", 1);
    update("a", 3);
    expect([...(await inspect("a")).keys()]).toEqual([]);
  });
});

describe("a stack whose state is gone", () => {
  it("is a fault that names place, copy, last history entry and the way back", async () => {
    const backup = write("stacks/sitefleet/prod.json.bak", stateText("prod", { time: at(5), resources: 7 }));
    update("prod", 4);
    const last = update("prod", 5, "{");
    const fault = (await inspect("prod")).get("prod");
    expect(fault).toMatchObject({ damage: { kind: "gone" }, mendable: false });
    const place = join(root, ".pulumi/stacks/sitefleet/prod.json");
    expect(fault?.error).toMatchObject({
      code: "state.damaged",
      subject: "prod",
      message: `its state is gone (${place}), although the stack had one`,
      hint: `cp -p ${backup} ${place}`,
      details: [
        `state: ${place}`,
        `whole: ${backup} (8 resources, ${at(5)})`,
        expect.stringContaining(at(4)),
        `history: 2 entries, the last is ${last.replace(".checkpoint.", ".history.")}`,
      ],
    });
  });

  it.each([
    ["its copy", () => write("stacks/sitefleet/a.json.bak", stateText("a"))],
    ["a copy that is damaged", () => write("stacks/sitefleet/a.json.bak", "{")],
    ["its history", () => update("a", 1)],
    ["a lock", () => write("locks/organization/sitefleet/a/1.json", "{}")],
  ])("is no new one while there is %s", async (_, leave) => {
    leave();
    expect((await inspect("a")).get("a")).toMatchObject({ damage: { kind: "gone" }, mendable: false });
  });
});

describe("a state that is damaged", () => {
  it.each([
    ["empty", ""],
    ["cut-off", stateText("a").slice(0, 300)],
    ["cut-off", `${stateText("a").slice(0, 300)}\n}\n`.replace(/\n\}\n$/, "")],
    ["no-json", stateText("a").replace('"custom": true', '"cus"""om')],
  ])("(%s) is mended by an update, with the newest whole copy; the others are not touched", async (kind, content) => {
    const file = write("stacks/sitefleet/a.json", content);
    write("stacks/sitefleet/a.json.bak", stateText("a", { time: at(2) }));
    const newest = update("a", 3);
    write("stacks/sitefleet/b.json", stateText("b"));
    const faults = await inspect("a", "b");
    expect([...faults.keys()]).toEqual(["a"]);
    expect(faults.get("a")).toMatchObject({ damage: { kind }, mendable: true });
    expect(faults.get("a")?.error.hint).toContain(`cp -p ${newest} ${file}`);
    const [restored] = await restoreStates(faults.values(), env());
    expect(restored).toMatchObject({ stack: "a", from: newest });
    expect(readFileSync(file, "utf8")).toBe(stateText("a", { time: at(3) }));
    expect(readFileSync(restored?.broken ?? "", "utf8")).toBe(content);
    expect((await inspect("a")).size).toBe(0);
  });

  it.each([
    ["foreign", stateText("b")],
    ["version", stateText("a").replace('"version": 3', '"version": 9')],
    ["shape", "{}"],
  ])("(%s) is left to a person, since it may hold what nothing else does", async (kind, content) => {
    const file = write("stacks/sitefleet/a.json", content);
    write("stacks/sitefleet/a.json.bak", stateText("a"));
    const faults = await inspect("a");
    expect(faults.get("a")).toMatchObject({ damage: { kind }, mendable: false });
    expect(await restoreStates(faults.values(), env())).toEqual([]);
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  it("and never whole before begins anew, since there is nothing else", async () => {
    const file = write("stacks/sitefleet/a.json", "");
    const faults = await inspect("a");
    expect(await restoreStates(faults.values(), env())).toMatchObject([{ stack: "a" }]);
    expect(existsSync(file)).toBe(false);
  });

  it("and has a history of which nothing is whole does not begin anew", async () => {
    write("stacks/sitefleet/a.json", "");
    update("a", 1, "");
    expect((await inspect("a")).get("a")).toMatchObject({ mendable: false });
  });

  it("is left alone while somebody works on it", async () => {
    write("stacks/sitefleet/c.json", "{");
    const lock = { pid: process.pid, username: "x", hostname: "elsewhere", timestamp: new Date().toISOString() };
    write("locks/organization/sitefleet/c/1.json", JSON.stringify(lock));
    expect(hostname()).not.toBe("elsewhere");
    expect(await restoreStates((await inspect("c")).values(), env())).toEqual([]);
  });

  it("may be a directory", async () => {
    mkdirSync(join(root, ".pulumi/stacks/sitefleet/a.json"), { recursive: true });
    write("stacks/sitefleet/a.json.bak", stateText("a"));
    const fault = (await inspect("a")).get("a");
    expect(fault).toMatchObject({ damage: { kind: "directory" }, mendable: false });
    expect(fault?.error.hint).toMatch(/^mv .*a\.json .*a\.json\.aside && cp -p /);
  });
});

describe("a state that is older than its history", () => {
  it.each([
    ["by more than clocks differ", "2026-11-22T16:01:30Z"],
    ["and exactly an earlier one", at(4)],
  ])("%s is a fault with the last one as the way back", async (_, time) => {
    const file = write("stacks/sitefleet/a.json", stateText("a", { time }));
    update("a", 4);
    const newest = update("a", 5);
    const fault = (await inspect("a")).get("a");
    expect(fault).toMatchObject({ damage: { kind: "older" }, mendable: false });
    expect(fault?.error.hint).toContain(`cp -p ${newest} ${file}`);
  });
});

it("knows nothing of backends that cannot be read from here", async () => {
  expect(await inspectStates(["prod"], { PULUMI_BACKEND_URL: "gs://bucket" })).toEqual(new Map());
  expect(await restoreStates([], { PULUMI_BACKEND_URL: "s3://bucket" })).toEqual([]);
});
