import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inEnvironment } from "../../environment/index.ts";
import { DEFAULT_LIMITS, openSession } from "../../mcp/index.ts";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { approve } from "../../operations/approve.ts";
import { perform } from "../../operations/kit/operation.ts";
import { sandboxEnv } from "../../sandbox/control.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate } from "../support/estate.ts";
import { connect } from "../unit/mcp/world.ts";

// A session of an agent, scripted with the SDK's client: it deploys, is stopped at the gate, and goes on after a person's signature. What
// breaks when this fails: an agent brings something live that no person has signed, or cannot work at all. SITEFLEET_SITES=60 makes it large.

const CELL = "07";
const SITES = Number(process.env.SITEFLEET_SITES ?? 2);
const names = Array.from({ length: 200 * (SITES + 1) }, (_, number) => `site${number}`)
  .filter((name) => cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === CELL)
  .slice(0, SITES + 1);
const [added = "", ...first] = names;
const estate = new Estate(first.map((name) => ({ name })));
/** A person's machine: no agent works there. */
const elsewhere = mkdtempSync(join(tmpdir(), "sitefleet-person-"));
const git = (...args: string[]) =>
  execFileSync("git", ["-C", estate.catalog, "-c", "user.name=Dev", "-c", "user.email=dev@example.org", ...args], {
    encoding: "utf8",
    stdio: "pipe",
  });
const keyIn = (dir: string, name: string) => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, name)]);
  return readFileSync(join(dir, `${name}.pub`), "utf8").trim();
};

beforeAll(async () => {
  const key = keyIn(elsewhere, "person");
  const off = ["new-zone-dns", "first-sites", "many-sites", "share-of-updates", "window-mass", "loss"];
  const gates = off.map((id) => `  ${id}: { severity: off }\n`).join("");
  writeFileSync(join(estate.catalog, "gates.yaml"), `rules:\n${gates}`);
  writeFileSync(
    join(estate.catalog, "approvers.yaml"),
    `approvers:\n  - { name: maria, emails: [maria@example.org], keys: ["${key}"], areas: [general, dns, money, databases] }\n`,
  );
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "the estate");
  await estate.start();
});
afterAll(async () => {
  await estate.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

it("an agent deploys what a person has signed, and nothing else", async () => {
  const env = {
    ...process.env,
    ...sandboxEnv(estate.info),
    SITEFLEET_CATALOG: estate.catalog,
    SITEFLEET_BUDGET: "off",
  };
  const configFile = resolve(PROJECT_ROOT, (env as NodeJS.ProcessEnv).SITEFLEET_CONFIG_FILE ?? "");
  const start = { set: "orchestrator" as const, operations: true, limits: DEFAULT_LIMITS, agent: "scripted" };
  const session = await inEnvironment(env, () => openSession({ catalogDir: estate.catalog, configFile }, start));
  const agent = await connect(session);
  const cell = { cell: [CELL] };
  // It proposes; a person takes the proposal over.
  const row = readFileSync(join(estate.catalog, "sites.csv"), "utf8")
    .split("\n")[1]
    ?.replaceAll(first[0] ?? "", added);
  const proposed = await agent.call("propose_change", {
    title: "One site more",
    edits: [{ file: "sites.csv", put: row }],
  });
  expect(proposed.isError, proposed.text).toBe(false);
  git("merge", "-q", "--ff-only", String(proposed.data.branch));
  // It asks: no rule of gates.yaml does, and it is an agent.
  const asked = await agent.call("request_approval", cell);
  expect(asked.data, asked.text).toMatchObject({
    asked: true,
    asks: [{ rule: "agent", says: "the agent scripted begins it" }],
  });
  const { digest, file } = asked.data as { digest: string; file: string };
  const run = () => agent.call("up", { ...cell, digest });
  expect((await run()).data.error).toMatchObject({ code: "approval.needed", waiting: { digest, file } });
  // Its own key is no person's.
  const approvals = join(estate.catalog, "..", "approvals");
  const text = readFileSync(file, "utf8");
  keyIn(elsewhere, "agent");
  const signed = { estate: { catalogDir: estate.catalog, configFile, env } };
  const out = join(approvals, `${digest}.yaml`);
  await perform(approve, { text, key: join(elsewhere, "agent"), out }, signed);
  expect((await run()).data.error).toMatchObject({ code: "approval.unknown-key" });
  rmSync(out);
  // A person signs.
  await perform(approve, { text, key: join(elsewhere, "person"), out }, signed);
  const done = await run();
  expect(done.isError, done.text).toBe(false);
  expect(done.data).toMatchObject({ ok: true });
  const report = await agent.call("report");
  expect(report.data).toMatchObject({ outcome: "done" });
  for (const who of ["maria", "agent scripted"]) expect(report.text).toContain(who);
  // What is live is as declared: the same call again finds nothing to do.
  const again = await run();
  expect([again.isError, again.data.results ?? []], again.text).toEqual([false, []]);
  await session.audit.flush();
  const audit = readFileSync(join(estate.stateDir, ".sitefleet/agents/local", auditOf()), "utf8")
    .trim()
    .split("\n");
  const told = audit.map((line) => JSON.parse(line) as { what: string; outcome: string; code?: string });
  expect(told.map(({ what, outcome, code }) => [what, outcome, code ?? ""])).toEqual([
    ["propose_change", "done", ""],
    ["request_approval", "done", ""],
    ["up", "refused", "approval.needed"],
    ["up", "refused", "approval.unknown-key"],
    ["up", "done", ""],
    ["report", "done", ""],
    ["up", "done", ""],
  ]);
}, 600_000);

function auditOf(): string {
  const dir = join(estate.stateDir, ".sitefleet/agents/local");
  if (!existsSync(dir)) throw new Error(`no audit in ${dir}`);
  return execFileSync("ls", [dir], { encoding: "utf8" }).trim().split("\n")[0] ?? "";
}
