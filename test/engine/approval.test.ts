import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { Estate } from "../support/estate.ts";

// A run that waits for a yes, the yes on another machine, and the run that goes on with exactly what was approved. What breaks when
// these fail: a change is carried out that no other person has agreed to, or one that has been agreed to never starts.

const CELL = "07";
/** The sandbox's GitHub has it: it is that of secrets.yaml. */
const REPOSITORY = "menschlichkeit-oesterreich/estate";
const names = Array.from({ length: 2000 }, (_, number) => `new${number}`)
  .filter((name) => cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === CELL)
  .slice(0, 3);
const [one = "", two = "", three = ""] = names;
const estate = new Estate([{ name: one }]);
let elsewhere: string;
const git = (...args: string[]) => execFileSync("git", ["-C", estate.catalog, ...args], { stdio: "pipe" });
const commit = (text: string) => {
  git("add", "-A");
  git("-c", "user.name=Dev", "-c", "user.email=dev@example.org", "commit", "-qm", text);
};
// Sites of projects of their own need nothing of the shared stack, and one stack takes half the time.
const up = (...args: string[]) => estate.sitefleet("up", "--yes", "--no-check", "--json", "--cell", CELL, ...args);
const faults = (some: object[]) =>
  estate.control("/faults", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ faults: some }),
  });
/** A pull request at the sandbox's GitHub whose head is what is carried out, with a review of anna's. */
async function reviewed(body: string) {
  const [head, base] = execFileSync("git", ["-C", estate.catalog, "log", "--format=%H"], { encoding: "utf8" }).split(
    "\n",
  );
  const review = { id: 1, user: { id: 7, login: "anna" }, state: "APPROVED", body, commit_id: head };
  const pull = {
    number: 1,
    user: { id: 5, login: "dev" },
    head,
    reviews: [{ ...review, submitted_at: new Date().toISOString() }],
  };
  const { GITHUB_BASE_URL, GITHUB_TOKEN } = estate.env();
  const answer = await fetch(new URL(`/repos/${REPOSITORY}/sandbox`, GITHUB_BASE_URL), {
    method: "PUT",
    headers: { authorization: `Bearer ${GITHUB_TOKEN}` },
    body: JSON.stringify({ pulls: [pull], commits: [{ sha: base }, { sha: head }] }),
  });
  expect(answer.status).toBe(204);
}
const file = (name: string) => join(elsewhere, name);
async function refusal(...args: string[]) {
  const { code, stdout, stderr } = await up(...args);
  expect(code, stdout + stderr).toBe(6);
  return (JSON.parse(stdout) as { error: { code: string; details: string[] } }).error;
}
const requestOf = (details: readonly string[]) =>
  `${details.slice(details.findIndex((line) => line.startsWith("request: "))).join("\n")}\n`;

beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), "sitefleet-approver-"));
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file("key")]);
  const key = readFileSync(file("key.pub"), "utf8").trim();
  const off = ["new-zone-dns", "first-sites", "share-of-updates", "window-mass", "loss"];
  writeFileSync(
    join(estate.catalog, "gates.yaml"),
    `rules:\n  many-sites: { sites: 1, approvals: 2 }\n${off.map((id) => `  ${id}: { severity: off }\n`).join("")}`,
  );
  writeFileSync(
    join(estate.catalog, "approvers.yaml"),
    `approvers:
  - { name: maria, emails: [maria@example.org], keys: ["${key}"], areas: [general, dns, money, databases] }
  - { name: anna, emails: [anna@example.org], githubId: 7, areas: [general] }
reviews: { repository: ${REPOSITORY} }
`,
  );
  git("init", "-q", "-b", "main");
  commit("the estate");
  estate.edit(
    "sites.csv",
    (text) =>
      `${text.trimEnd()}\n${[two, three].map((name) => text.split("\n")[1]?.replaceAll(one, name)).join("\n")}\n`,
  );
  commit("two sites more");
  await estate.start();
});
afterAll(async () => {
  await estate.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

it("waits, and goes on with exactly what another person has approved elsewhere", async () => {
  const waits = await refusal();
  expect(waits.code).toBe("approval.needed");
  expect(waits.details[0]).toBe("many-sites: 3 sites change in one run, more than 1: needs 2 approvals");
  writeFileSync(file("request"), requestOf(waits.details));
  const approve = ["approve", "--request", file("request"), "--key", file("key"), "--yes", "--out", file("yes.yaml")];
  const signed = await estate.sitefleet(...approve);
  expect(signed.code, signed.stderr).toBe(0);
  // One character of the catalog is another change: what differs is said.
  const good = readFileSync(join(estate.catalog, "sites.csv"), "utf8");
  estate.edit("sites.csv", (text) => text.replace(`${three},`, `${three}x,`));
  const differs = await refusal("--approval", file("yes.yaml"), "--all");
  expect(differs.code).toBe("approval.differs");
  expect(differs.details.join("\n")).toContain(`no more: create Site ${three}.qmoney.de (prod-cell-${CELL})`);
  estate.edit("sites.csv", () => good);
  // The second yes is a review, of exactly this request.
  const line = waits.details.find((one) => one.startsWith("approve ")) ?? "";
  await reviewed(`${line}\r\n\r\nlooks good`);
  // One of the three does not come up: what the run leaves belongs to its yes.
  const no = {
    id: "no",
    vendor: "vercel",
    method: "POST",
    path: "/projects$",
    after: 2,
    action: { type: "status", status: 400 },
  };
  await faults([no]);
  const broken = await up("--approval", file("yes.yaml"));
  expect(broken.code, broken.stdout + broken.stderr).toBe(1);
  expect(broken.stderr).toContain("approved by maria, anna");
  await faults([]);
  const { run } = JSON.parse(broken.stdout) as { run: string };
  const resumed = await up("--resume", run);
  expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain("approved by maria");
}, 240_000);

it("asks before a rollout and before services are deployed", async () => {
  // A window that is not open today or tomorrow.
  const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
  const windows = `{ windows: [{ days: [${days[(new Date().getUTCDay() + 3) % 7]}], from: "08:00", to: "09:00" }] }`;
  estate.edit("gates.yaml", (text) => `${text}  window-host: ${windows}\n`);
  const asked = async (...args: string[]) => {
    const { code, stdout, stderr } = await estate.sitefleet(...args, "--yes", "--json");
    expect(code, stdout + stderr).toBe(6);
    return (JSON.parse(stdout) as { error: { details: string[] } }).error.details[0];
  };
  // An artifact that no signer has signed is stopped before the host is called.
  const signer = `ssh-ed25519 ${Buffer.from("nobody's").toString("base64")}`;
  const before = readFileSync(join(estate.catalog, "gates.yaml"), "utf8");
  estate.edit("gates.yaml", (text) => `${text}  unsigned-artifact: { signers: ["${signer}"] }\n`);
  const unsigned = await estate.sitefleet("plesk", "deploy", "--service", "crm", "--yes", "--json");
  expect(unsigned.code, unsigned.stdout + unsigned.stderr).toBe(5);
  expect(unsigned.stdout).toContain("1 artifact is not signed by a signer: crm (no signature)");
  estate.edit("gates.yaml", () => before);
  expect(await asked("plesk", "deploy", "--service", "crm")).toMatch(/^window-host: 1 service changes outside of the/);
  estate.edit("sites.csv", (text) => text.replaceAll(",stable,", ",beta,"));
  expect(await asked("rollout")).toMatch(/^many-sites: \d+ sites change in one run, more than 1: needs 2 approvals$/);
}, 240_000);
