// What breaks when these fail: a run goes on with a digest that a person has signed for something else, or that no person has signed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { inEnvironment } from "../../../environment/index.ts";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { agentVerdict, keepRequest, newRequest } from "../../../fleet/gates/index.ts";
import { callOperation } from "../../../mcp/call.ts";
import { DEFAULT_LIMITS, SessionBudget } from "../../../mcp/limits.ts";
import type { OperationTool } from "../../../mcp/tools.ts";

const dir = mkdtempSync(join(tmpdir(), "mcp-call-"));
afterAll(() => rmSync(dir, { recursive: true }));
const asked = "ab".repeat(32);

/** A run whose gates pass a digest with some people's yes, and that notes that it went on. */
function runOf(digest: string, approvers: readonly string[]) {
  const went: string[] = [];
  const operation = {
    name: "rollback list",
    summary: "",
    changes: true,
    input: z.object({}),
    events: z.any(),
    output: z.any(),
    async run(_: object, { emit }: { emit(event: object): void }) {
      emit({ event: "gates-decided", outcome: "passed", digest, approvers });
      went.push("on");
    },
    document: () => ({}),
  };
  const tool = {
    name: "rollback",
    operation,
    takes: [],
    sets: [],
    kind: "run",
    open: true,
  } as unknown as OperationTool;
  const options = {
    estate: { catalogDir: dir, configFile: "", env: { SITEFLEET_STATE_DIR: dir } },
    signal: new AbortController().signal,
    budget: new SessionBudget(DEFAULT_LIMITS),
  };
  const call = (given: object) => inEnvironment(options.estate.env, () => callOperation(tool, { ...given }, options));
  return { went, call };
}

it("goes on with exactly the digest that was named, and only by a person's yes", async () => {
  const now = new Date();
  const about = { estate: "e", operation: "rollback", digest: asked, stacks: ["prod"], does: "", worst: [], now };
  const request = newRequest({ ...about, asks: [agentVerdict("x")], expiryHours: 1 });
  await keepRequest(directoryStore(dir), { request });
  const other = runOf("cd".repeat(32), ["maria"]);
  await expect(other.call({ digest: asked })).rejects.toMatchObject({ code: "approval.differs" });
  const unsigned = runOf(asked, []);
  await expect(unsigned.call({ digest: asked })).rejects.toMatchObject({ code: "approval.agent" });
  expect([other.went, unsigned.went]).toEqual([[], []]);
  const right = runOf(asked, ["maria"]);
  await right.call({ digest: asked });
  expect(right.went).toEqual(["on"]);
  await expect(right.call({ digest: "ef".repeat(32) })).rejects.toMatchObject({ code: "mcp.unrequested" });
});
