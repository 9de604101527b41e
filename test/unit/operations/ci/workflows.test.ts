import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ciWorkflows } from "../../../../operations/ci/workflows.ts";
import { perform } from "../../../../operations/kit/operation.ts";
import { workflows as ofVendor } from "../../../../vendors/github/workflows/index.ts";
import { ACTIONS } from "../../../../vendors/github/workflows/pieces.ts";
import { execute, type World } from "../../../support/workflows/execute.ts";

// What breaks when these fail: a workflow is not what the generator makes, gives a job more than it needs, or takes another way than
// its conditions say. Commands are a recorded stand-in here; test/engine/workflows.test.ts has the real ones.

const files = new Map(ofVendor.files().map(({ name, text }) => [name, text]));
const textOf = (name: string) => files.get(`${name}.yml`) ?? "";
interface Job {
  readonly environment?: string;
  readonly permissions?: Record<string, string>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly {
    uses?: string;
    run?: string;
    with?: Record<string, unknown>;
    env?: Record<string, string>;
  }[];
}
const jobsOf = (text: string) => Object.entries((parse(text) as { jobs: Record<string, Job> }).jobs);

it("are committed as they are made", () => {
  expect(readdirSync(".github/workflows").sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(`.github/workflows/${name}`, "utf8"), name).toBe(text);
});

it("read the variables that notify.yaml names from secrets, but none that GitHub refuses", () => {
  const made =
    ofVendor.files({ receivers: ["SLACK_URL", "GITHUB_TOKEN"] }).find(({ name }) => name === "drift.yml")?.text ?? "";
  expect(made).toContain(`SLACK_URL: \${{ secrets.SLACK_URL }}`);
  expect(made).not.toContain("secrets.GITHUB_");
});

it("are for the branch that is carried out: the one that is named, else the one that the files there name", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-workflows-"));
  const estate = { catalogDir: "catalog", configFile: "Pulumi.prod.yaml", env: { PATH: process.env.PATH } };
  const write = async (branch?: string) => (await perform(ciWorkflows, { write: dir, branch }, { estate })).document;
  expect(await write("1.0")).toMatchObject({ branch: "1.0" });
  const read = (name: string) => parse(readFileSync(join(dir, `${name}.yml`), "utf8"), { schema: "failsafe" });
  expect(read("ai-bulk-deploy").on.push.branches).toEqual(["1.0"]);
  expect(read("preview").on.pull_request_target.branches).toEqual(["1.0"]);
  expect(ofVendor.branchIn(dir)).toBe("1.0");
  expect(ofVendor.branchIn(join(dir, "none"))).toBeUndefined();
  await expect(write("a b")).rejects.toMatchObject({ code: "usage" });
});

describe.each([...files])("%s", (_, text) => {
  const workflow = parse(text) as { permissions: object; concurrency: object; on: Record<string, unknown> };

  it("gives nothing by itself, and each job its own rights, limit and steps", () => {
    expect(workflow.permissions).toEqual({});
    for (const [, job] of jobsOf(text)) {
      expect(job.permissions).toBeDefined();
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  });

  it("pins actions by commit, and leaves no token of a checkout behind", () => {
    const used = jobsOf(text).flatMap(([, { steps }]) => steps.filter(({ uses }) => uses));
    for (const { uses, with: options } of used) {
      expect(Object.values(ACTIONS).map(({ at }) => at)).toContain(uses);
      if (uses?.startsWith("actions/checkout@")) expect(options).toMatchObject({ "persist-credentials": false });
    }
  });

  it("has no expression in a command, and no secret where packages or a change's data are at work", () => {
    for (const [, { environment, steps }] of jobsOf(text)) {
      for (const { run = "", env = {} } of steps) {
        expect(run).not.toContain("${{");
        const secrets = Object.values(env).filter((value) => value.includes("secrets."));
        if (environment === undefined || run.includes("npm run setup") || run.includes("ci data"))
          expect(secrets).toEqual([]);
        if (/sitefleet build/.test(run)) expect(environment).toBeUndefined();
      }
    }
  });

  it("puts nothing that another job has kept over a checkout: its program has the tokens", () => {
    for (const [, { steps }] of jobsOf(text)) {
      const checkedOut = steps.some(({ uses }) => uses?.startsWith("actions/checkout@"));
      for (const { uses, with: options = {} } of steps)
        if (checkedOut && uses?.startsWith("actions/download-artifact@"))
          expect(String(options.path)).toMatch(/^\$\{\{ format\('\{0\}\/built', runner\.temp\) \}\}$|^changes$/);
    }
  });

  it("writes to pull requests only where no vendor's token is", () => {
    for (const [, { environment, permissions = {} }] of jobsOf(text))
      if (permissions["pull-requests"] === "write") expect(environment).toBeUndefined();
  });
});

it("of a pull request nothing is checked out, and what changes something is refused a second attempt", () => {
  for (const [, { steps }] of jobsOf(textOf("preview")))
    for (const { uses, with: options = {} } of steps)
      if (uses?.includes("checkout")) expect(options).not.toHaveProperty("ref");
  for (const name of ["ai-bulk-deploy", "continue", "plesk-deploy"])
    for (const [job, { environment, steps }] of jobsOf(textOf(name)))
      if (["sitefleet-write", "sitefleet-hosts"].includes(environment ?? ""))
        expect(steps[0], `${name} ${job}`).toMatchObject({ if: "github.run_attempt != 1" });
});

/** A PATH whose `npx` and `npm` write down what they were asked, and answer as told. */
function shim(answers: Readonly<Record<string, string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-shim-"));
  const log = join(dir, "log");
  writeFileSync(log, "");
  const cases = Object.entries(answers).map(([words, script]) => `  *"${words}"*) ${script} ;;`);
  const script = `#!/bin/bash\necho "$*" >> ${log}\nenv > ${dir}/env.$$\ncase "$*" in\n${cases.join("\n")}\n  *) true ;;\nesac\n`;
  for (const name of ["npx", "npm", "gh"]) {
    writeFileSync(join(dir, name), script);
    chmodSync(join(dir, name), 0o755);
  }
  const asked = () =>
    readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("sitefleet"))
      .map((line) => line.replace(/ --(outputs|summary) \S+/g, ""));
  const seen = () =>
    readdirSync(dir)
      .filter((one) => one.startsWith("env."))
      .map((one) => readFileSync(join(dir, one), "utf8"));
  return { dir, asked, seen };
}

const secrets = Object.fromEntries(
  ["sitefleet-read", "sitefleet-watch", "sitefleet-write", "sitefleet-hosts"].map((name) => [
    name,
    { VERCEL_API_TOKEN: `token of ${name}`, SSH_PRIVATE_KEY: "key" },
  ]),
);
const worldOf = (dir: string, name: string, payload: object = {}, more: Partial<World> = {}): World => ({
  event: { name, payload: { ...payload } },
  secrets,
  env: { PATH: `${dir}:/usr/bin:/bin`, HOME: dir },
  checkout: (to) => mkdirSync(join(to, "catalog/artifacts"), { recursive: true }),
  ...more,
});
const outputs = (values: Record<string, string>) =>
  `printf '%s\\n' ${Object.entries(values)
    .map(([key, value]) => `'${key}=${value}'`)
    .join(" ")} >> "$GITHUB_OUTPUT"`;
const results = (run: { jobs: readonly { job: string; result: string }[] }) =>
  Object.fromEntries(run.jobs.map(({ job, result }) => [job, result]));

const PUSH = { before: "b", after: "a" };

describe("ai-bulk-deploy", () => {
  const matrix = JSON.stringify({
    include: [
      { name: "07", cells: "07" },
      { name: "11 and 1 more", cells: "11,12" },
    ],
  });
  const way = (name: string) => outputs({ way: name, urgent: "" });

  it("does nothing where nothing differs", async () => {
    const { dir, asked } = shim({ "ci plan": way("none") });
    const run = await execute(textOf("ai-bulk-deploy"), worldOf(dir, "push", PUSH));
    expect(results(run)).toEqual({
      plan: "success",
      direct: "skipped",
      waves: "skipped",
      shared: "skipped",
      cells: "skipped",
      judge: "skipped",
      report: "skipped",
    });
    expect(asked()).toEqual(["sitefleet validate", "sitefleet analyse --push b..a", "sitefleet ci plan --way auto"]);
  });

  it("brings what the cells share, then each cell in a job, then judges", async () => {
    const cells = outputs({ jobs: "2", matrix, "max-parallel": "2" });
    const { dir, asked, seen } = shim({ "--way cells": cells, "ci plan": way("cells") });
    const run = await execute(textOf("ai-bulk-deploy"), worldOf(dir, "push", PUSH));
    expect(results(run)).toMatchObject({ shared: "success", cells: "success", judge: "success", waves: "skipped" });
    expect(asked().toSorted()).toEqual(
      [
        "sitefleet validate",
        "sitefleet analyse --push b..a",
        "sitefleet ci plan --way auto",
        "sitefleet up --yes --stack prod",
        "sitefleet ci plan --way cells",
        "sitefleet up --yes --cell 07",
        "sitefleet up --yes --cell 11,12",
        "sitefleet health --junit health.xml",
        "sitefleet report 4711 --publish --out quality-reports",
      ].toSorted(),
    );
    expect(seen().filter((env) => env.includes("token of sitefleet-write")).length).toBe(5);
    expect(seen().join()).not.toContain("SSH_PRIVATE_KEY");
  });

  it("takes what waits for no failure, and what fails for one; it judges all the same", async () => {
    for (const [code, result] of [
      [3, "success"],
      [6, "success"],
      [1, "failure"],
      [130, "failure"],
    ] as const) {
      const { dir } = shim({ "ci plan": way("direct"), " up ": `exit ${code}` });
      const run = await execute(textOf("ai-bulk-deploy"), worldOf(dir, "push", PUSH));
      expect(results(run)).toMatchObject({ direct: result, judge: "success" });
    }
  });

  it("leaves the cells while what they share waits, and fails where that fails", async () => {
    for (const [code, result] of [
      [3, "success"],
      [6, "success"],
      [1, "failure"],
    ] as const) {
      const { dir, asked } = shim({ "ci plan": way("cells"), "--stack prod": `exit ${code}` });
      const run = await execute(textOf("ai-bulk-deploy"), worldOf(dir, "push", PUSH));
      expect(results(run)).toMatchObject({ shared: result, cells: "skipped", judge: "success" });
      expect(asked().join()).not.toContain("--way cells");
    }
  });

  it("puts urgent sites first, and passes what a person types as one word", async () => {
    const { dir, asked } = shim({ "ci plan": outputs({ way: "direct", urgent: "a.de,b.de" }) });
    const inputs = { urgent: 'a.de";id', way: "waves" };
    await execute(textOf("ai-bulk-deploy"), worldOf(dir, "workflow_dispatch", { inputs }));
    expect(asked()).toContain('sitefleet ci plan --way waves --urgent a.de";id');
    expect(asked()).toContain("sitefleet up --yes --except prod-plesk --urgent a.de,b.de");
  });

  it("is refused a second attempt, and leaves the rest when it is cancelled", async () => {
    const { dir, asked } = shim({ "ci plan": way("cells") });
    const again = await execute(textOf("ai-bulk-deploy"), worldOf(dir, "push", {}, { attempt: 2 }));
    expect(results(again)).toMatchObject({ plan: "failure", shared: "skipped", judge: "skipped" });
    expect(asked()).toEqual([]);
    const cancelled = await execute(textOf("ai-bulk-deploy"), worldOf(dir, "push", {}, { cancelBefore: "shared" }));
    expect(results(cancelled)).toMatchObject({
      plan: "success",
      shared: "cancelled",
      cells: "cancelled",
      judge: "cancelled",
    });
  });
});

describe("continue", () => {
  const look = (values: Record<string, string> = {}) =>
    outputs({
      rollout: "false",
      approval: "[]",
      first: "",
      jobs: "0",
      "max-parallel": "1",
      matrix: '{"include":[]}',
      ...values,
    });

  it("does nothing where nothing waits, and takes what was stopped only when a person asks", async () => {
    const { dir, asked } = shim({ "ci continue": look() });
    const run = await execute(textOf("continue"), worldOf(dir, "schedule"));
    expect(Object.values(results(run)).filter((one) => one === "success")).toHaveLength(1);
    await execute(textOf("continue"), worldOf(dir, "workflow_dispatch"));
    expect(asked()).toEqual(["sitefleet ci continue", "sitefleet ci continue --stopped"]);
  });

  it("goes on with the shared stack first, then with each other run", async () => {
    const matrix = JSON.stringify({ include: [{ run: "r2" }, { run: "r3" }] });
    const { dir, asked } = shim({
      "ci continue": look({ first: "r1", jobs: "2", "max-parallel": "2", matrix, rollout: "true" }),
    });
    const run = await execute(textOf("continue"), worldOf(dir, "schedule"));
    expect(results(run)).toMatchObject({
      first: "success",
      runs: "success",
      rollout: "success",
      approved: "skipped",
      gate: "skipped",
    });
    const resumed = asked().filter((line) => line.includes("--resume"));
    expect(resumed[0]).toContain("r1");
    expect(resumed.slice(1).toSorted()).toEqual([
      "sitefleet up --yes --resume r2 --lock-timeout 1500",
      "sitefleet up --yes --resume r3 --lock-timeout 1500",
    ]);
    expect(asked()).toContain("sitefleet rollout resume --lock-timeout 1500");
  });

  it("does not go on with the rest when the shared stack fails", async () => {
    const matrix = JSON.stringify({ include: [{ run: "r2" }] });
    const { dir } = shim({ "ci continue": look({ first: "r1", jobs: "1", matrix }), "resume r1": "exit 1" });
    expect(results(await execute(textOf("continue"), worldOf(dir, "schedule")))).toMatchObject({
      first: "failure",
      runs: "skipped",
    });
  });

  it("asks at the gate only where it is set up and a person has started it", async () => {
    const { dir } = shim({ "ci continue": look({ approval: '["up"]' }) });
    const vars = { SITEFLEET_GATE: "true" };
    const timer = await execute(textOf("continue"), worldOf(dir, "schedule", {}, { vars }));
    expect(results(timer)).toMatchObject({ gate: "skipped", approved: "success" });
    const person = await execute(textOf("continue"), worldOf(dir, "workflow_dispatch", {}, { vars }));
    expect(results(person)).toMatchObject({ gate: "success", approved: "success", waves: "skipped" });
    const waves = shim({ "ci continue": look({ approval: '["rollout"]' }) });
    const rolled = await execute(textOf("continue"), worldOf(waves.dir, "schedule"));
    expect(results(rolled)).toMatchObject({ approved: "skipped", waves: "success" });
    expect(waves.asked()).toContain("sitefleet rollout --yes --no-services");
  });
});

describe("preview", () => {
  const pull = { action: "synchronize", pull_request: { number: 12, head: { sha: "1".repeat(40) } } };

  it("takes the change's data, and comments although the preview fails", async () => {
    const { dir, asked, seen } = shim({ "sitefleet preview": "touch changes.json; exit 1" });
    const run = await execute(textOf("preview"), worldOf(dir, "pull_request_target", pull));
    expect(results(run)).toEqual({ stale: "success", preview: "failure", comment: "success" });
    expect(asked()[0]).toBe(`sitefleet ci comment --pull 12 --head ${"1".repeat(40)} --stale`);
    expect(asked().at(-1)).toContain(
      "--changes changes --link https://github.com/acme/estate/actions/runs/4711#artifacts",
    );
    expect(readdirSync(join(run.artifacts, "changes"))).toEqual(["changes.json"]);
    // The token that writes the comment and those of the vendors never meet.
    for (const env of seen()) if (env.includes("token of")) expect(env).not.toContain("job-token");
  });
});

describe("plesk-deploy", () => {
  it("builds without a secret, and takes of the archive only artifacts", async () => {
    const { dir, asked, seen } = shim({
      "build --all": "echo release > catalog/artifacts/docs; echo evil > catalog/gates.yaml",
    });
    const run = await execute(textOf("plesk-deploy"), worldOf(dir, "schedule"));
    expect(results(run)).toMatchObject({ gates: "success", build: "success", attest: "skipped", deploy: "success" });
    const list = execFileSync("tar", ["--list", "--file", join(run.artifacts, "artifacts/built.tar")], {
      encoding: "utf8",
    });
    expect(list.split("\n").filter(Boolean)).toEqual(["catalog/artifacts/", "catalog/artifacts/docs"]);
    expect(asked()).toContain("sitefleet plesk deploy --all --yes");
    expect(seen().filter((env) => env.includes("SSH_PRIVATE_KEY=key")).length).toBe(3);
  });

  it("takes nothing through a link in the archive", async () => {
    const tar = 'tar --create --file built.tar --transform "s,^x,catalog/artifacts,"';
    const { dir, asked } = shim({
      "build --all": "mkdir x && echo evil > x/gates.yaml && rmdir catalog/artifacts && ln -s . catalog/artifacts",
      "plesk plan": "! ls catalog/gates.yaml",
    });
    const text = textOf("plesk-deploy").replace(
      /run: mkdir -p .*tar --create .*/,
      `run: tar --create --file built.tar catalog/artifacts && ${tar.replace("--create", "--append")} x/gates.yaml`,
    );
    const run = await execute(text, worldOf(dir, "schedule"));
    const list = execFileSync("tar", ["--list", "--file", join(run.artifacts, "artifacts/built.tar")], {
      encoding: "utf8",
    });
    expect(list.split("\n").filter(Boolean)).toEqual(["catalog/artifacts", "catalog/artifacts/gates.yaml"]);
    expect(asked()).toContain("sitefleet plesk deploy --all --yes");
  });

  it("runs nothing that a build has put beside the archive", async () => {
    const { dir, asked } = shim({
      "build --all": "mkdir -p node_modules && echo evil > package.json; echo x > catalog/artifacts/docs",
      "plesk plan": "! ls package.json",
    });
    const run = await execute(
      textOf("plesk-deploy").replace("path: built.tar", "path: |\n            built.tar\n            package.json"),
      worldOf(dir, "schedule"),
    );
    expect(readdirSync(join(run.artifacts, "artifacts")).sort()).toEqual(["built.tar", "package.json"]);
    expect(results(run)).toMatchObject({ deploy: "success" });
    expect(asked()).toContain("sitefleet plesk deploy --all --yes");
  });

  it("signs in a job that has the key alone, and deploys what was signed", async () => {
    const { dir, asked, seen } = shim({
      "build --all": "echo release > catalog/artifacts/docs",
      " sign ": 'grep -q PRIVATE "$RUNNER_TEMP/artifact-key" && echo sig > catalog/artifacts/docs.sig',
      "plesk plan": "ls catalog/artifacts/docs.sig",
    });
    const keys = { ...secrets, "sitefleet-sign": { SITEFLEET_ARTIFACT_KEY: "PRIVATE key" } };
    const more = { secrets: keys, vars: { SITEFLEET_SIGN: "true" } };
    const run = await execute(textOf("plesk-deploy"), worldOf(dir, "schedule", {}, more));
    expect(results(run)).toMatchObject({ sign: "success", attest: "skipped", deploy: "success" });
    expect(asked().filter((line) => line.includes(" sign ")).length).toBe(1);
    for (const env of seen()) if (env.includes("PRIVATE key")) expect(env).not.toContain("token of");
  });

  it("deploys nothing when the attestation failed or was not found", async () => {
    const { dir, asked } = shim({ "attestation verify": "exit 1" });
    const run = await execute(
      textOf("plesk-deploy"),
      worldOf(dir, "schedule", {}, { vars: { SITEFLEET_ATTEST: "true" } }),
    );
    expect(results(run)).toMatchObject({ attest: "success", deploy: "failure" });
    expect(asked().join()).not.toContain("plesk deploy");
  });
});

describe("what watches", () => {
  it("spreads the cells over jobs, and asks in each", async () => {
    const matrix = JSON.stringify({ include: [{ name: "07", cells: "07,11" }] });
    const { dir, asked } = shim({ "cells --matrix": `echo '${matrix}'` });
    const run = await execute(textOf("health-check-matrix"), worldOf(dir, "schedule"));
    expect(results(run)).toEqual({ cells: "success", health: "success" });
    expect(asked()).toEqual([
      "sitefleet cells --matrix --max-jobs 8",
      "sitefleet health --cell 07,11 --update-baseline --junit health.xml",
    ]);
  });

  it("looks at costs to the end although one look fails, and says so", async () => {
    const { dir, asked } = shim({ "cost charges": "exit 4" });
    expect(results(await execute(textOf("cost-monitor"), worldOf(dir, "schedule")))).toEqual({ watch: "failure" });
    expect(asked()).toHaveLength(4);
  });

  it("fails where something differs that no declaration explains, and keeps what it found", async () => {
    const { dir, asked } = shim({ drift: "echo '{}'; exit 2" });
    const checkout = (to: string) => {
      mkdirSync(join(to, "catalog"), { recursive: true });
      writeFileSync(join(to, "catalog/quality.yaml"), "services: { checks: [lighthouse] }\n");
    };
    const run = await execute(textOf("drift"), worldOf(dir, "schedule", {}, { checkout }));
    expect(results(run)).toEqual({ drift: "failure", quality: "success" });
    expect(readdirSync(join(run.artifacts, "drift"))).toEqual(["drift.json"]);
    expect(asked()).toContain("sitefleet quality run --only lighthouse --out quality-reports");
  });
});
