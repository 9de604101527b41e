import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, type Row } from "../support/estate.ts";

// Sixty new sites wait, people are told at every kind of receiver, and the line of that message is all that a second machine needs.
// What breaks when this fails: a change of the whole fleet starts unseen, or waits and no one hears of it.

const [CELL, OTHER] = ["07", "08"];
const rows = (cell: string, count: number): Row[] =>
  Array.from({ length: 10_000 }, (_, number) => `new${number}`)
    .filter((name) => cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === cell)
    .slice(0, count)
    .map((name) => ({ name, project: "shared" }));
const estate = new Estate([...rows(CELL, 60), ...rows(OTHER, 50)]);
let elsewhere: string;
const git = (...args: string[]) => execFileSync("git", ["-C", estate.catalog, ...args], { stdio: "pipe" });
const commit = () => {
  git("add", "-A");
  git("-c", "user.name=Dev", "-c", "user.email=dev@example.org", "commit", "-qm", "x");
};
const up = (...args: string[]) => estate.sitefleet("up", "--yes", "--no-check", "--json", ...args);

beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), "sitefleet-elsewhere-"));
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(elsewhere, "key")]);
  const key = readFileSync(join(elsewhere, "key.pub"), "utf8").trim();
  // Sites and their zone alone.
  for (const name of ["services", "hosts"]) writeFileSync(join(estate.catalog, `${name}.yaml`), `${name}: []\n`);
  estate.edit("secrets.yaml", (text) => `${text.slice(0, text.indexOf("secrets:"))}secrets: []\n`);
  estate.edit("zones.yaml", (text) => text.slice(0, text.indexOf("  # *.remotecash.de")));
  writeFileSync(join(estate.catalog, "releases.yaml"), `channels: { stable: { ref: "${"a".repeat(40)}" } }\n`);
  await estate.start();
  // Before there are approvers no run is previewed for them.
  const shared = await up("--stack", "prod");
  expect(shared.code, shared.stdout + shared.stderr).toBe(0);
  // What else a first run is asked about, and what depends on the time of day.
  const off = ["new-zone-dns", "first-sites", "window-mass"].map((id) => `  ${id}: { severity: off }\n`);
  writeFileSync(join(estate.catalog, "gates.yaml"), `rules:\n${off.join("")}`);
  writeFileSync(
    join(estate.catalog, "approvers.yaml"),
    `approvers:\n  - { name: maria, emails: [maria@example.org], keys: ["${key}"], areas: [general, dns, money, databases] }\n`,
  );
  writeFileSync(
    join(estate.catalog, "notify.yaml"),
    `receivers:
  - { kind: slack, name: slack, webhook: SLACK_WEBHOOK_URL }
  - { kind: discord, name: discord, webhook: DISCORD_WEBHOOK_URL }
  - { kind: mail, name: mail, server: SMTP_URL, from: sitefleet@acme.example, to: [ops@acme.example] }
  - { kind: webhook, name: hook, url: NOTIFY_WEBHOOK_URL, secret: NOTIFY_WEBHOOK_SECRET }
`,
  );
  git("init", "-q", "-b", "main");
  commit();
});
afterAll(async () => {
  await estate.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

it("fifty new sites run by themselves; sixty wait, are told of everywhere, and go on with the yes of another machine", async () => {
  const fifty = await up("--cell", OTHER);
  expect(fifty.code, fifty.stdout + fifty.stderr).toBe(0);
  expect(fifty.stderr).not.toMatch(/needs an approval|approved by/);
  const waits = await up("--cell", CELL);
  expect(waits.code, waits.stdout + waits.stderr).toBe(6);
  const { error } = JSON.parse(waits.stdout) as { error: { code: string; details: string[] } };
  expect(error.details[0]).toBe("many-sites: 60 sites change in one run, more than 50: needs an approval");
  const arrived = async () => {
    const { chat } = (await estate.control("/inventory?vendor=chat")) as {
      chat: { messages: { service: string; text: string }[] };
    };
    const approvals = chat.messages.filter(({ text }) => text.includes("waits for an approval"));
    return new Map(approvals.map(({ service, text }) => [service, text]));
  };
  let told = await arrived();
  // The end of a run waits a twentieth of it: on a machine that is busy otherwise the next command tells the rest.
  if (told.size < 4) {
    await estate.sitefleet("notify", "flush");
    told = await arrived();
  }
  expect([...told.keys()].sort()).toEqual(["discord", "mail", "slack", "webhook"]);
  // What stands in the message is all that the other machine gets: no checkout, no catalog, no backend.
  const { lines } = JSON.parse(told.get("webhook") ?? "{}") as { lines: string[] };
  const line = lines.find((one) => one.startsWith("to approve: "))?.slice("to approve: ".length) ?? "";
  const own = `${process.execPath} ${join(PROJECT_ROOT, "cli/sitefleet.js")}`;
  execFileSync("sh", ["-c", `${line.replace("sitefleet approve", `${own} approve`)} --key key --yes`], {
    cwd: elsewhere,
    stdio: "pipe",
  });
  const [file = ""] = execFileSync("sh", ["-c", "ls approvals/*"], { cwd: elsewhere, encoding: "utf8" }).split("\n");
  const { code, stdout, stderr } = await up("--cell", CELL, "--approval", join(elsewhere, file));
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toContain("approved by maria");
  expect(JSON.parse(stdout).total.created).toBeGreaterThan(60);
}, 300_000);
