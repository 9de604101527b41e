// What breaks when these fail: an agent goes back, or begins a run, where no person has a say.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inEnvironment } from "../../../environment/index.ts";
import { agentVerdict } from "../../../fleet/gates/index.ts";
import { graver } from "../../../fleet/gates/judge.ts";
import { whoRuns } from "../../../fleet/run/preflight/index.ts";
import { emptyCatalog } from "../../../model/index.ts";
import { gateRun, requestFor } from "../../../operations/fleet/gate-run.ts";
import { gateBack } from "../../../operations/rollback/carry-out.ts";

const dir = mkdtempSync(join(tmpdir(), "agent-gate-"));
afterAll(() => rmSync(dir, { recursive: true }));
/** An estate without approvers, in which no rule stops. */
const session = {
  catalogDir: dir,
  configFile: join(dir, "Pulumi.yaml"),
  inputs: { catalog: emptyCatalog(dir) },
  folders: { state: dir },
  store: undefined,
  open: ["prod"],
} as never;
const never = () => Promise.reject(new Error("nothing is to be previewed"));
const run = { session, operation: "up", stacks: ["prod"], input: {}, preview: never, emit: () => {} };
const plan = { session, targets: [{ stack: "prod" }], losses: [] } as never;
const tools = { emit: () => {}, signal: new AbortController().signal, estate: {} } as never;
const as = <T>(agent: string | undefined, work: () => T): T =>
  inEnvironment({ PATH: process.env.PATH, SITEFLEET_AGENT: agent, SITEFLEET_STATE_DIR: dir }, work);

describe("where no approver is declared", () => {
  it("a person's run goes on, and an agent's begins nothing: forward, back, or by a request", async () => {
    await expect(as(undefined, () => gateRun(run))).resolves.toBeUndefined();
    await expect(as(undefined, () => gateBack(tools, plan, {} as never))).resolves.toBeUndefined();
    const works: (() => Promise<unknown>)[] = [
      () => gateRun(run),
      () => requestFor(run),
      () => gateBack(tools, plan, {} as never),
    ];
    for (const work of works)
      await expect(as("scripted", work)).rejects.toMatchObject({ code: "approval.agent", subject: "scripted" });
  });
});

it("an agent's name stands beside its user's in every record, as a plain line", () => {
  expect(as("a\u202eb\n<c>", () => whoRuns())).toMatch(/^\S+@\S+ \(agent ab <c>\)$/);
});

it("no other rule takes the place of the one about agents", () => {
  const other = { ...agentVerdict("x"), rule: "many-sites" as const, severity: "inform" as const };
  expect(graver([agentVerdict("x"), other], [other]).map(({ rule, severity }) => [rule, severity])).toEqual([
    ["agent", "approve"],
    ["many-sites", "inform"],
  ]);
});
