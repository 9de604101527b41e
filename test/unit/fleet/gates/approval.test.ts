import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { approvalText, findApproval, parseApproval, type Wanted } from "../../../../fleet/gates/approval.ts";
import { spend, spentBy } from "../../../../fleet/gates/kept.ts";
import type { People } from "../../../../fleet/gates/people.ts";
import { type ApprovalRequest, newRequest, requestText } from "../../../../fleet/gates/request.ts";
import { readSignature, signText, verifyText } from "../../../../fleet/gates/signature.ts";
import type { Approver } from "../../../../model/index.ts";
import { asking } from "./support.ts";

// Breaks when a yes counts that must not, or when its refusal does not say why. Signatures are ssh-keygen's.

let dir: string;
const keys: Record<string, string> = {};
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-approval-"));
  for (const name of ["maria", "anna", "other"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(dir, name)]);
    keys[name] = readFileSync(join(dir, `${name}.pub`), "utf8").trim();
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const NOW = new Date("2026-11-28T12:00:00Z");
const DIGEST = "ab".repeat(32);
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  estate: "sandbox",
  operation: "up",
  digest: DIGEST,
  stacks: ["prod", "prod-cell-07"],
  asks: [asking()],
  now: NOW,
  ...more,
});
const request = (more: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  ...newRequest({ ...wanted(), does: "60 created", worst: ["create Project quiz (prod-cell-07)"], expiryHours: 72 }),
  ...more,
});
const person = (name: string, more: Partial<Approver> = {}): Approver => ({
  name,
  emails: [`${name}@example.org`],
  keys: [keys[name] as string],
  areas: ["general"],
  ...more,
});
const people = (more: Partial<People> = {}): People => ({
  base: [person("maria"), person("anna")],
  authors: [],
  ...more,
});
const signed = async (by = ["maria"], what: ApprovalRequest = request()) =>
  approvalText(requestText(what), await Promise.all(by.map((name) => signText(requestText(what), join(dir, name)))));
const outcome = async (text: string, want: Wanted = wanted(), who: People = people(), used?: string) => {
  try {
    const approval = parseApproval(text, "approvals/x.yaml");
    const verifier = { read: readSignature, verify: verifyText };
    return (await findApproval([approval], want, who, verifier, async () => used))?.approvers ?? "none";
  } catch (error) {
    if (hasCode(error, (error as { code: string }).code)) return `${error.code}: ${error.message}`;
    throw error;
  }
};

test("an approver's yes counts; it holds the request as people read it", async () => {
  const text = await signed();
  expect(await outcome(text)).toEqual(["maria"]);
  expect(text).toContain("says: 60 sites change in one run, more than 50");
});

test("the refusals, each with its code and sentence", async () => {
  const text = await signed();
  const early = new Date("2026-11-28T11:59:59Z");
  const late = new Date("2026-12-01T12:00:00Z");
  const stacks = ["prod", "prod-cell-07", "prod-cell-08"];
  const commit = join(dir, "commit");
  writeFileSync(commit, requestText(request({ id: "0".repeat(32) })));
  execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", join(dir, "maria"), "-n", "git", commit], { stdio: "pipe" });
  const git = approvalText(readFileSync(commit, "utf8"), [readFileSync(`${commit}.sig`, "utf8")]);
  const author = people({ authors: ["maria@example.org"] });
  const added = people({ base: [person("anna")], later: [[person("anna"), person("maria")]] });
  const gone = people({ later: [[person("anna")]] });
  const dns = wanted({ asks: [asking({ rule: "new-zone-dns", area: "dns" })] });
  const two = wanted({ asks: [asking({ approvals: 2 })] });
  const forged = text.replace("60 created", "61 created");
  const [cut, wrapped] = [text.slice(0, -120), text.replace(/^(\s+)(U1NIU0lH\S{20})/m, "$1$2\n$1 ")];
  const asked = requestText(request({ worst: ["create Zone qmoney.de (prod)"] }));
  const hidden = approvalText(requestText(request({ does: "\u202e60 created" })), ["x"]);
  const rows: [string, string | readonly string[]][] = [
    ["another text for the same digest", await outcome(text, wanted({ asked }))],
    ["no request of this estate", await outcome(text, wanted({ asked: "" }))],
    ["what is not seen", await outcome(hidden)],
    ["another digest is another change", await outcome(text, wanted({ digest: "cd".repeat(32) }))],
    ["author", await outcome(text, wanted(), author)],
    ["key added by the change", await outcome(text, wanted(), added)],
    ["key taken away since", await outcome(text, wanted(), gone)],
    ["unknown key", await outcome(await signed(["other"]))],
    ["used", await outcome(text, wanted(), people(), "r1")],
    ["expired", await outcome(text, wanted({ now: late }))],
    ["not yet", await outcome(text, wanted({ now: early }))],
    ["estate", await outcome(text, wanted({ estate: "production" }))],
    ["scope", await outcome(text, wanted({ stacks }))],
    ["forged", await outcome(forged)],
    ["truncated", await outcome(cut)],
    ["wrapped", await outcome(wrapped)],
    ["no approval at all", await outcome("sites: []\n")],
    ["git commit's", await outcome(git)],
    ["area", await outcome(text, dns)],
    ["too few", await outcome(text, two)],
    ["twice the same person", await outcome(await signed(["maria", "maria"]), two)],
    ["leaver", await outcome(text, wanted(), people({ base: [person("maria", { until: "2026-11-27" })] }))],
  ];
  expect(Object.fromEntries(rows)).toMatchInlineSnapshot(`
    {
      "another digest is another change": "none",
      "another text for the same digest": "approval.unasked: its request is not the one that this estate has made last for these changes: it may say something else of them",
      "area": "approval.area: maria may not approve dns (rule new-zone-dns)",
      "author": "approval.author: maria is an author of the change; the own yes does not count",
      "estate": "approval.estate: it is for the estate sandbox, not production",
      "expired": "approval.expired: it held until 2026-12-01T12:00:00.000Z",
      "forged": "approval.forged: a signature does not fit the request: it was not made by maria for this text",
      "git commit's": "approval.namespace: a signature was made for git, not for approval@sitefleet",
      "key added by the change": "approval.new-key: a key that signed is an approver's only by the change itself, not on the base branch",
      "key taken away since": "approval.unknown-key: a key that signed is no approver's on the base branch",
      "leaver": "approval.unknown-key: maria may approve until 2026-11-27",
      "no approval at all": "approval.malformed: the file is no approval, or it was cut, wrapped or changed on its way",
      "no request of this estate": "approval.unasked: its request is not the one that this estate has made last for these changes: it may say something else of them",
      "not yet": "approval.early: it holds from 2026-11-28T12:00:00.000Z on",
      "scope": "approval.scope: its scope lacks prod-cell-08",
      "too few": "approval.count: rule many-sites needs 2 approvals of area general, and has 1",
      "truncated": "approval.malformed: a signature cannot be read: it was cut or wrapped on its way",
      "twice the same person": "approval.count: rule many-sites needs 2 approvals of area general, and has 1",
      "unknown key": "approval.unknown-key: a key that signed is no approver's on the base branch",
      "used": "approval.used: it was used by run r1; one yes is for one run",
      "what is not seen": "approval.malformed: this is no request for an approval, or it was cut, wrapped or changed on its way",
      "wrapped": "approval.malformed: a signature cannot be read: it was cut or wrapped on its way",
    }
  `);
});

test("two people where a rule wants two, and each area its own", async () => {
  const both = await signed(["maria", "anna"]);
  expect(await outcome(both, wanted({ asks: [asking({ approvals: 2 })] }))).toEqual(["maria", "anna"]);
  const asks = [asking(), asking({ rule: "new-zone-dns", area: "dns" })];
  const who = people({ base: [person("maria"), person("anna", { areas: ["dns"] })] });
  const asked = request({
    asks: asks.map(({ rule, sentence, area }) => ({ rule, says: sentence, area, approvals: 1 })),
  });
  expect(await outcome(await signed(["maria", "anna"], asked), wanted({ asks }), who)).toEqual(["maria", "anna"]);
  // A rule that has begun to ask since.
  expect(await outcome(both, wanted({ asks }), who)).toBe(
    "approval.scope: its request says nothing of rule new-zone-dns, which asks now",
  );
  // The author's yes beside another's takes nothing away from that one.
  expect(await outcome(both, wanted(), people({ authors: ["maria@example.org"] }))).toEqual(["anna"]);
});

test("of two machines that use an approval at once exactly one does", async () => {
  const store = directoryStore(join(dir, "store"));
  const runs = Array.from({ length: 8 }, (_, index) => ({ run: `r${index}`, by: "x", at: "", digest: DIGEST }));
  const told = await Promise.all(runs.map((run) => spend(store, "id", run)));
  const first = await spentBy(store, "id");
  expect(told.filter((one) => one === undefined)).toHaveLength(1);
  expect(told.filter((one) => one?.run === first?.run)).toHaveLength(7);
});
