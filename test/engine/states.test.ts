import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { Estate, type Row } from "../support/estate.ts";
import { digestOfDirectory } from "../support/states.ts";

// What commands do to a backend, and what damaged states do to commands, with the real engine. What breaks when these fail: a
// preview overwrites the only copy of a state, or one damaged file stops every command over all stacks.

const CELLS = ["07", "11"] as const;
function row(cell: string): Row {
  for (let number = 0; ; number++) {
    const name = `shop${number}`;
    if (cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === cell) return { name };
  }
}
const estate = new Estate(CELLS.map(row), "none");
const cells = ["--cell", CELLS.join(",")];
const READING = [
  ["preview", "--all", ...cells],
  ["plan", ...cells],
  ["cells", "--changed"],
  ["rollout", "status"],
  ["rollout", "--plan"],
  ["sandbox", "verify"],
] as const;

const stacks = () => join(estate.stateDir, ".pulumi/stacks/sitefleet");
const stateFile = (cell: string) => join(stacks(), `prod-cell-${cell}.json`);
const run = async (...args: readonly string[]) => {
  const ran = await estate.sitefleet(...args, "--json");
  let document: Report = {};
  try {
    document = JSON.parse(ran.stdout) as Report;
  } catch {}
  return { ...ran, document, said: ran.stdout + ran.stderr };
};
interface Report {
  error?: { code: string; subject: string; message: string; hint: string };
  failed?: { stack: string; errors: string[] }[];
  skipped?: { stack: string; reason: string }[];
  byStack?: { stack: string; ok: boolean }[];
  total?: { created: number; changed: number; deleted: number; replaced: number };
}
/** Runs all that only reads; fails when a byte of the backend is another one afterwards. */
async function expectNothingWritten(commands: readonly (readonly string[])[] = READING): Promise<void> {
  mkdirSync(estate.stateDir, { recursive: true });
  for (const args of commands) {
    const before = digestOfDirectory(estate.stateDir);
    const { said } = await run(...args);
    expect(said, args.join(" ")).not.toContain("internal");
    expect(digestOfDirectory(estate.stateDir), `${args.join(" ")}\n${said}`).toBe(before);
  }
}

beforeAll(() => estate.start(), 120_000);
afterAll(() => estate.remove());

it("writes nothing into the backend of a new estate with commands that only look", async () => {
  await expectNothingWritten();
  const { document, said } = await run("preview", ...cells);
  expect(document.total?.created, said).toBeGreaterThanOrEqual(6);
}, 600_000);

it("writes no fresh salt: a file without one, or a wrong passphrase, is told once and before anything starts", async () => {
  const config = join(estate.dir, "no-salt.yaml");
  const env = estate.env();
  const { encryptionsalt, ...rest } = parse(readFileSync(env.SITEFLEET_CONFIG_FILE ?? "", "utf8"));
  expect(encryptionsalt).toMatch(/^v1:/);
  const text = JSON.stringify(rest);
  writeFileSync(config, text);
  for (const args of [["preview"], ["up", "--yes"], ["rollout", "--yes"]]) {
    const ran = await run(...args, "--config-file", config);
    expect(ran.code, ran.said).toBe(1);
    expect(ran.document.error, ran.said).toMatchObject({ code: "settings.encryption", subject: config });
    expect(readFileSync(config, "utf8")).toBe(text);
  }
  const wrong = await estate.run(
    process.execPath,
    ["cli/sitefleet.js", "preview", "--json", "--catalog", estate.catalog],
    { ...env, PULUMI_CONFIG_PASSPHRASE: "wrong" },
  );
  expect(JSON.parse(wrong.stdout).error).toMatchObject({ code: "settings.passphrase" });
  // Journals of runs that were refused may be there; states may not.
  expect(existsSync(stateFile("07"))).toBe(false);
}, 600_000);

it("creates the stacks with the first update, and nothing is to be done then", async () => {
  const up = await run("up", "--yes", ...cells);
  expect(up.code, up.said).toBe(0);
  await expectNothingWritten();
  const { code, document } = await run("preview", "--all", "--detailed-exitcode", ...cells);
  expect(code).toBe(0);
  expect(document.byStack).toHaveLength(2);
}, 600_000);

it("names a state that is gone with its copy, and neither creates nor overwrites anything", async () => {
  const away = `${stateFile("07")}.moved`;
  renameSync(stateFile("07"), away);
  await expectNothingWritten([["preview", ...cells]]);
  for (const args of [
    ["preview", "--all"],
    ["up", "--yes", "--all"],
  ]) {
    const { code, document, said } = await run(...args, ...cells);
    expect(code, said).toBe(1);
    const news = JSON.stringify([document.failed, document.skipped]);
    expect(news).toContain(`prod-cell-07: its state is gone (${stateFile("07")})`);
    expect(news).toContain(`cp -p `);
    expect(document.byStack).toContainEqual(expect.objectContaining({ stack: "prod-cell-11", ok: true }));
  }
  expect(existsSync(stateFile("07"))).toBe(false);
  renameSync(away, stateFile("07"));
}, 600_000);

it("goes on with the others when one state is damaged in the middle, and an update puts the whole copy in its place", async () => {
  const whole = readFileSync(stateFile("07"), "utf8");
  // Behind the brace of some resource in the middle: a few bytes in a text would be another text.
  const middle = whole.indexOf("},", Math.floor(whole.length / 2));
  writeFileSync(stateFile("07"), `${whole.slice(0, middle)}#@${whole.slice(middle + 2)}`);
  await expectNothingWritten([["plan", ...cells]]);
  const preview = await run("preview", "--all", ...cells);
  expect(preview.code).toBe(1);
  expect(preview.document.failed?.map(({ stack }) => stack)).toEqual(["prod-cell-07"]);
  expect(preview.document.failed?.[0]?.errors[0]).toContain(stateFile("07"));
  const plan = await run("plan", ...cells);
  expect([plan.code, plan.stderr.includes(stateFile("07"))]).toEqual([1, true]);
  const verify = await run("sandbox", "verify");
  expect([verify.code, verify.said.includes(stateFile("07"))]).toEqual([1, true]);
  const up = await run("up", "--yes", "--all", ...cells);
  expect(up.code, up.said).toBe(0);
  expect(up.stderr).toContain("took its place");
  const after = await run("preview", "--all", "--detailed-exitcode", ...cells);
  expect(after.code, after.said).toBe(0);
}, 600_000);

it("offers nothing for deletion when another cell's state stands under a stack's name", async () => {
  const own = readFileSync(stateFile("07"));
  copyFileSync(stateFile("11"), stateFile("07"));
  const { code, document, said } = await run("preview", "--all", ...cells);
  expect(code, said).toBe(1);
  expect(document.total).toMatchObject({ deleted: 0, replaced: 0 });
  expect(document.failed?.[0]?.errors[0]).toContain("is that of stack prod-cell-11");
  writeFileSync(stateFile("07"), own);
  rmSync(`${stateFile("07")}.attrs`, { force: true });
}, 120_000);
