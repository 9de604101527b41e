import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inEnvironment } from "../../../environment/index.ts";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import type { ChangeSet } from "../../../fleet/change-set/index.ts";
import {
  answerLine,
  type GatePolicy,
  keepRequest,
  newRequest,
  noteRun,
  spend,
  type Verdict,
  type Wanted,
} from "../../../fleet/gates/index.ts";
import { answersTo, restOf, spendAll } from "../../../operations/fleet/gate-answers.ts";
import {
  createContext,
  createFaultController,
  type FaultController,
  type Served,
  serve,
} from "../../../sandbox/core/index.ts";
import { createGithub } from "../../../sandbox/github/index.ts";

// Breaks when a review at GitHub does not let a run go on, when it does so twice, or when a GitHub that is away stops a run that has
// the signatures it needs. Over HTTP, with the sandbox's GitHub.

const HEAD = "1".repeat(40);
const DIGEST = "ab".repeat(32);
const asks: Verdict[] = [
  { rule: "many-sites", severity: "approve", sentence: "x", area: "general", approvals: 1, examples: [] },
];
let dir: string;
let api: Served;
let faults: FaultController;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-answers-"));
  faults = createFaultController();
  const vendor = createGithub(
    createContext({ options: { github: { repositories: ["acme/estate"], login: "maria" } } }),
  );
  api = await serve(vendor, { faults });
});
afterEach(async () => {
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

const store = () => directoryStore(join(dir, "store"));
const people = {
  base: [{ name: "maria", emails: ["m@x.at"], keys: [], githubId: 7, areas: ["general" as const] }],
  authors: [],
};
const policy = (more: Partial<GatePolicy> = {}) =>
  ({ people, reviewed: "acme/estate", base: { from: HEAD, head: HEAD }, ...more }) as unknown as GatePolicy;
const wanted = (): Wanted => ({
  estate: "sandbox",
  operation: "up",
  digest: DIGEST,
  stacks: ["prod"],
  asks,
  now: new Date(),
});
const where = () => ({ catalogDir: join(dir, "catalog"), approvals: [] });
const answers = (given = policy()) =>
  inEnvironment({ ...process.env, GITHUB_BASE_URL: api.url, GITHUB_TOKEN: "t" }, () =>
    answersTo(store(), given, wanted(), where()),
  );
async function asked() {
  const request = newRequest({ ...wanted(), does: "60 created", worst: [], expiryHours: 72 });
  await keepRequest(store(), { request });
  return request;
}
const tell = (pulls: object[]) =>
  fetch(`${api.url}/repos/acme/estate/sandbox`, {
    method: "PUT",
    headers: { authorization: "Bearer t" },
    body: JSON.stringify({ pulls, commits: [{ sha: HEAD }] }),
  });
const review = (body: string, more = {}) => ({
  id: 1,
  user: { id: 7, login: "maria" },
  state: "APPROVED",
  body,
  commit_id: HEAD,
  submitted_at: new Date(Date.now() + 1000).toISOString(),
  ...more,
});
const pull = (...reviews: object[]) => ({ number: 12, user: { id: 5, login: "dev" }, head: HEAD, reviews });

test("a review lets one run go on; to another it says by which it was used", async () => {
  const request = await asked();
  await tell([pull(review(answerLine(request)))]);
  const { found, notes } = await answers();
  expect([found?.approvers, notes]).toEqual([["maria"], []]);
  if (found === undefined) return;
  const spent = (run: string) => ({ run, by: "ci", at: "", digest: DIGEST });
  const told = await Promise.allSettled(["r1", "r2", "r3"].map((run) => spendAll(store(), found, spent(run))));
  expect(told.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const first = `r${told.findIndex(({ status }) => status === "fulfilled") + 1}`;
  const { refused } = await answers();
  expect(refused).toMatchObject({ code: "approval.used", message: expect.stringContaining(`used by run ${first}`) });
});

test("what a run leaves belongs to its yes, also where it was killed right after that was used up, and not beyond the yes's end", async () => {
  const total = { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };
  const lists = { unopened: [], stacks: [], types: [], groups: [], changes: [], warnings: [], errors: [] };
  const set: ChangeSet = { version: 1, digest: DIGEST, createdAt: "", complete: true, total, ...lists };
  const { id, expires } = await asked();
  const rest = async (run: string, now?: Date) => (await restOf(store(), set, run, now))?.approvers;
  const kept = { digest: DIGEST, approvers: ["maria"], request: id, expires };
  for (const run of ["r1", "r2"]) await noteRun(store(), run, { ...kept, by: run });
  // Killed before: the yes is still there to be used.
  expect(await rest("r1")).toBeUndefined();
  await spend(store(), id, { run: "r1", by: "ci", at: "", digest: DIGEST });
  await keepRequest(store(), { request: newRequest({ ...wanted(), does: "", worst: [], expiryHours: 720 }), set });
  expect([await rest("r1"), await rest("r2"), await rest("r3")]).toEqual([["maria"], undefined, undefined]);
  await noteRun(store(), "r4", { ...kept, by: "r1" });
  expect(await rest("r4")).toEqual(["maria"]);
  expect(await rest("r1", new Date(Date.now() + 73 * 3_600_000))).toBeUndefined();
});

test("without a request, a repository or a commit no review counts, and GitHub is not asked", async () => {
  await tell([pull(review(`approve ${DIGEST} x`))]);
  faults.set({ faults: [{ id: "f", vendor: "github", action: { type: "status", status: 500 } }] });
  expect(await answers()).toMatchObject({ notes: [] });
  await asked();
  expect(await answers(policy({ reviewed: undefined }))).toMatchObject({ notes: [] });
  const dirty = policy({ base: { from: HEAD, head: undefined } as never });
  expect((await answers(dirty)).notes).toEqual(["reviews are of commits: what is in none has no review"]);
  expect(faults.status().faults.f?.matched).toBe(0);
});

test("a GitHub that is away takes nothing from the signatures, and is said", async () => {
  await asked();
  faults.set({ faults: [{ id: "f", vendor: "github", action: { type: "status", status: 403 } }] });
  const { found, refused, notes } = await answers();
  expect([found, refused]).toEqual([undefined, undefined]);
  expect(notes).toEqual([
    expect.stringMatching(
      /^reviews were not read, only signatures count: GitHub refuses the token at .* \(status 403\)$/,
    ),
  ]);
});
