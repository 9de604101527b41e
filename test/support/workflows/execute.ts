import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pLimit from "p-limit";
import { parse } from "yaml";
import { type Contexts, filled, isDone, type Status, textOf } from "./expressions.ts";

type Outcome = "success" | "failure" | "cancelled" | "skipped";

/** A step as it went. */
interface StepRun {
  readonly name: string;
  readonly outcome: Outcome;
  /** Of a `run:` step what it was, after expressions; of a `uses:` step the action. */
  readonly text: string;
  /** What the workflow gave it beside the machine's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly printed: string;
}

/** A job as it went; of a matrix one of its jobs. */
interface JobRun {
  readonly job: string;
  readonly matrix?: Readonly<Record<string, unknown>>;
  readonly result: Outcome;
  readonly steps: readonly StepRun[];
}

/** A workflow as it went. */
export interface WorkflowRun {
  readonly jobs: readonly JobRun[];
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Folder of the artifacts, by name. */
  readonly artifacts: string;
  readonly summary: string;
}

/** Where a workflow runs. */
export interface World {
  readonly event: { readonly name: string; readonly payload: Readonly<Record<string, unknown>> };
  readonly attempt?: number;
  /** By environment; a job without one has none. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly vars?: Readonly<Record<string, string>>;
  /** What every step has: PATH and the like. */
  readonly env: Readonly<Record<string, string>>;
  /** The token of a job. */
  readonly token?: string;
  /** What `actions/checkout` does: a clone into an empty folder. */
  checkout(dir: string): void;
  /** Told of each process, to kill it for instance. */
  onStep?(job: string, matrix: Readonly<Record<string, unknown>> | undefined, step: string, child: ChildProcess): void;
  /** The workflow is cancelled before this job begins. */
  readonly cancelBefore?: string;
}

interface Shape {
  readonly name: string;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: string; readonly "max-parallel": unknown };
  readonly steps: readonly Step[];
}
interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly "continue-on-error"?: boolean;
}

/** Executes a workflow: its jobs by their needs, matrix, outputs, conditions; `run:` steps by bash, actions by stand-ins. */
export async function execute(text: string, world: World): Promise<WorkflowRun> {
  const { jobs, name } = parse(text) as Shape;
  const root = mkdtempSync(join(tmpdir(), "sitefleet-workflow-"));
  const place = { root, artifacts: join(root, "artifacts"), summary: join(root, "summary.md") };
  mkdirSync(place.artifacts);
  const github = {
    event: world.event.payload,
    event_name: world.event.name,
    repository: world.env.GITHUB_REPOSITORY ?? "acme/estate",
    server_url: "https://github.com",
    run_id: "4711",
    run_attempt: world.attempt ?? 1,
    workflow: name,
    token: world.token ?? "job-token",
  };
  const done: JobRun[] = [];
  const needs: Record<string, { result: Outcome; outputs: Record<string, string> }> = {};
  let cancelled = false;
  for (const [id, job] of Object.entries(jobs)) {
    const needed = job.needs ?? [];
    for (const one of needed)
      if (needs[one] === undefined) throw new Error(`${id} needs ${one}, which stands after it`);
    if (world.cancelBefore === id) cancelled = true;
    const own = Object.fromEntries(needed.map((one) => [one, needs[one]]));
    const contexts = {
      github,
      needs: own,
      vars: world.vars ?? {},
      inputs: (world.event.payload.inputs as object | undefined) ?? {},
    };
    const status = { failed: needed.some((one) => needs[one]?.result !== "success"), cancelled };
    if (!isDone(job.if, contexts, status)) {
      needs[id] = { result: cancelled ? "cancelled" : "skipped", outputs: {} };
      done.push({ job: id, result: needs[id].result, steps: [] });
      continue;
    }
    const runs = await runsOf(id, job, contexts, world, place);
    const result = runs.every(({ run }) => run.result === "success") ? "success" : "failure";
    // Of a matrix the last one writes.
    needs[id] = { result, outputs: Object.assign({}, ...runs.map(({ outputs }) => outputs)) };
    done.push(...runs.map(({ run }) => run));
  }
  const outputs = Object.fromEntries(Object.entries(needs).map(([id, one]) => [id, one.outputs]));
  const summary = existsSync(place.summary) ? readFileSync(place.summary, "utf8") : "";
  return { jobs: done, outputs, artifacts: place.artifacts, summary };
}

interface Place {
  readonly root: string;
  readonly artifacts: string;
  readonly summary: string;
}

async function runsOf(id: string, job: Job, contexts: Contexts, world: World, place: Place) {
  const status = { failed: false, cancelled: false };
  if (job.strategy === undefined) return [await runJob({ id, job, contexts, world, place })];
  const { include } = filled(job.strategy.matrix, contexts, status) as { include: Record<string, unknown>[] };
  const most = Number(filled(job.strategy["max-parallel"], contexts, status));
  if (include.length === 0) throw new Error(`${id}: GitHub refuses an empty matrix`);
  const limit = pLimit(most);
  return Promise.all(
    include.map((matrix, index) =>
      limit(() =>
        runJob({ id, job, contexts: { ...contexts, matrix, strategy: { "job-index": index } }, world, place, matrix }),
      ),
    ),
  );
}

interface JobWork {
  readonly id: string;
  readonly job: Job;
  readonly contexts: Contexts;
  readonly world: World;
  readonly place: Place;
  readonly matrix?: Readonly<Record<string, unknown>>;
}

async function runJob({ id, job, contexts, world, place, matrix }: JobWork) {
  const dir = mkdtempSync(join(place.root, `${id}-`));
  const secrets = job.environment === undefined ? {} : (world.secrets[job.environment] ?? {});
  const temp = mkdtempSync(join(place.root, `${id}-temp-`));
  const steps: Record<string, { outputs: Record<string, string>; outcome: Outcome }> = {};
  const kept: Record<string, string> = {};
  const runs: StepRun[] = [];
  let failed = false;
  for (const [index, step] of job.steps.entries()) {
    const all = { ...contexts, secrets, steps, env: { ...kept }, runner: { temp } };
    const status: Status = { failed, cancelled: false, there: (pattern) => existsSync(join(dir, pattern)) };
    const name = textOf(filled(step.name ?? step.uses ?? "", all, status));
    if (!isDone(step.if, all, status)) {
      runs.push({ name, outcome: "skipped", text: "", env: {}, printed: "" });
      continue;
    }
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([key, value]) => [key, textOf(filled(value, all, status))]),
    );
    const text = textOf(filled(step.run ?? step.uses ?? "", all, status));
    const files = ["output", "env"].map((kind) =>
      join(place.root, `${id}-${index}-${runs.length}-${Math.random()}.${kind}`),
    );
    for (const file of files) writeFileSync(file, "");
    const [output = "", environment = ""] = files;
    const machine = {
      ...world.env,
      CI: "true",
      GITHUB_ACTIONS: "true",
      RUNNER_TEMP: temp,
      GITHUB_RUN_ID: "4711",
      GITHUB_RUN_ATTEMPT: String(world.attempt ?? 1),
      GITHUB_OUTPUT: output,
      GITHUB_ENV: environment,
      GITHUB_STEP_SUMMARY: place.summary,
      ...kept,
    };
    const ended =
      step.run === undefined
        ? useAction(step.uses ?? "", textsOf(step.with, all, status), { dir, place, world })
        : await bash(text, dir, { ...machine, ...env }, (child) => world.onStep?.(id, matrix, name, child));
    Object.assign(kept, pairsIn(environment));
    const outcome: Outcome = ended.ok ? "success" : "failure";
    if (step.id) steps[step.id] = { outputs: pairsIn(output), outcome };
    if (!ended.ok && !step["continue-on-error"]) failed = true;
    runs.push({ name, outcome, text, env, printed: ended.printed });
  }
  const outputs = Object.fromEntries(
    Object.entries(job.outputs ?? {}).map(([key, value]) => [
      key,
      textOf(filled(value, { ...contexts, secrets, steps, env: kept }, { failed: false, cancelled: false })),
    ]),
  );
  rmSync(dir, { recursive: true, force: true });
  const run: JobRun = { job: id, result: failed ? "failure" : "success", steps: runs, ...(matrix ? { matrix } : {}) };
  return { run, outputs };
}

const textsOf = (values: Step["with"], all: Contexts, status: Status): Record<string, string> =>
  Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, textOf(filled(value, all, status))]));

/** Lines NAME=VALUE, as GitHub reads them. */
const pairsIn = (file: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(file, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

/** Stand-ins of actions. Another is an error: what it does is not known. */
function useAction(
  uses: string,
  options: Readonly<Record<string, string>>,
  { dir, place, world }: { dir: string; place: Place; world: World },
): { ok: boolean; printed: string } {
  const [action = ""] = uses.split("@");
  const kept = join(place.artifacts, options.name ?? "");
  if (action === "actions/checkout") world.checkout(dir);
  else if (action === "actions/upload-artifact") {
    for (const path of (options.path ?? "").split("\n").filter(Boolean))
      if (existsSync(join(dir, path))) {
        mkdirSync(kept, { recursive: true });
        // Links are followed, as the real one does.
        cpSync(join(dir, path), join(kept, path), { recursive: true, dereference: true });
      }
  } else if (action === "actions/download-artifact") {
    if (!existsSync(kept)) return { ok: false, printed: "Artifact not found" };
    cpSync(kept, resolve(dir, options.path ?? "."), { recursive: true });
  } else if (action !== "actions/attest" && action !== "aws-actions/configure-aws-credentials")
    throw new Error(`there is no stand-in for ${action}`);
  return { ok: true, printed: "" };
}

/** As GitHub runs a step without `shell:`: docs.github.com, workflow syntax, jobs.<job_id>.steps[*].shell. */
function bash(text: string, cwd: string, env: Record<string, string>, onStart: (child: ChildProcess) => void) {
  const file = join(cwd, "..", `step-${Math.random()}.sh`);
  writeFileSync(file, text);
  return new Promise<{ ok: boolean; printed: string }>((resolve, reject) => {
    // A group of its own, so that a lost machine can be played: all of its processes end at once.
    const child = spawn("bash", ["-e", file], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (chunk) => {
        printed += chunk;
      });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ok: code === 0, printed }));
    onStart(child);
  });
}
