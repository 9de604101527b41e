import { realpath, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import type { BuildStep } from "../../model/index.ts";
import { redactor } from "../redact.ts";
import { stepEnvironment } from "./environment.ts";
import { type Ended, run } from "./run.ts";
import { findProgram, missingTool } from "./tools.ts";

/** What the steps of one build share. */
export interface StepContext {
  /** Key of the service, for messages. */
  readonly subject: string;
  /** Directory of the build inside its copy of the source. */
  readonly dir: string;
  /** Temporary directory of the build. */
  readonly scratch: string;
  readonly cache: string;
  readonly epoch: number;
  /** Names of variables that every step gets. */
  readonly env: readonly string[];
  /** The caller's environment. */
  readonly from: NodeJS.ProcessEnv;
  /** Where the evidence of a failure is kept. */
  readonly failure: string;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/** How often a step that takes long says so. */
const BEAT_MS = 30_000;

/** Directories of the source whose programs a step may call by name. */
const LOCAL_PROGRAMS = ["node_modules/.bin", "vendor/bin"];

/**
 * Runs the steps of a build one after the other and stops at the first that fails.
 *
 * @returns seconds that each took
 * @throws SitefleetError `build.step`, `build.timeout`, `build.output-limit`, `build.tool-missing`, `build.interrupted`. The evidence (step, exit code,
 * end of the output) is in `details` and in the file `failure`.
 */
export async function runSteps(steps: readonly BuildStep[], context: StepContext): Promise<number[]> {
  const seconds: number[] = [];
  for (const [index, step] of steps.entries()) {
    context.say(`${step.name} (${index + 1}/${steps.length})`);
    seconds.push(await runStep(step, index, context));
  }
  return seconds;
}

async function runStep(step: BuildStep, index: number, context: StepContext): Promise<number> {
  const { subject, dir, scratch, from } = context;
  const cwd = join(dir, step.directory);
  const inside = await insideOf(dir, cwd);
  if (!inside) {
    throw new SitefleetError({
      code: "build.step",
      subject,
      message: `step ${JSON.stringify(step.name)}: ${JSON.stringify(step.directory)} is no directory of the source`,
      hint: "correct the step's `directory` in services.yaml",
    });
  }
  const allowed = [...context.env, ...step.env];
  const env = stepEnvironment(from, {
    programs: [...new Set([cwd, dir])].flatMap((base) => LOCAL_PROGRAMS.map((path) => join(base, path))),
    home: join(scratch, "home"),
    temporary: join(scratch, "tmp"),
    cache: context.cache,
    epoch: context.epoch,
    allowed,
  });
  const [name = "", ...args] = step.run;
  const program = await findProgram(name, (env.PATH ?? "").split(":"), cwd);
  if (program === undefined) throw missingTool(name, subject, step.name);
  const began = performance.now();
  const beat = setInterval(() => {
    context.say(`${step.name}: still running after ${Math.round((performance.now() - began) / 1000)} s`);
  }, BEAT_MS);
  const ended = await run({
    program,
    args,
    cwd,
    env,
    timeoutSeconds: step.timeoutSeconds,
    log: join(scratch, `step-${index}.log`),
    signal: context.signal,
  }).finally(() => clearInterval(beat));
  if (ended.how === "ok") return ended.seconds;
  if (ended.how === "interrupted") throw interrupted(subject);
  const handedOn = Object.fromEntries(allowed.map((variable) => [variable, from[variable]]));
  const redact = redactor({ env: handedOn });
  const tail = redact(ended.tail);
  const evidence = {
    service: subject,
    step: step.name,
    run: step.run.map(redact),
    how: ended.how,
    exitCode: ended.exitCode,
    seconds: Math.round(ended.seconds * 10) / 10,
    at: new Date().toISOString(),
    output: tail,
  };
  await writeFile(context.failure, `${JSON.stringify(evidence, null, 2)}\n`, { mode: 0o600 });
  throw stepError(step, ended, subject, tail, context.failure);
}

/** Lines of the output that an error repeats; the file has them all. npm says first what is wrong, compilers last. */
const FIRST_LINES = 5;
const LAST_LINES = 15;

function stepError(step: BuildStep, ended: Ended, subject: string, tail: string, evidence: string): SitefleetError {
  const lines = tail.split("\n").filter((line) => line.trim() !== "");
  const name = JSON.stringify(step.name);
  const few = lines.length <= FIRST_LINES + LAST_LINES;
  const common = { subject, details: few ? lines : [...lines.slice(0, FIRST_LINES), "…", ...lines.slice(-LAST_LINES)] };
  switch (ended.how) {
    case "timeout":
      return new SitefleetError({
        ...common,
        code: "build.timeout",
        message: `step ${name} did not end within ${step.timeoutSeconds} s`,
        hint: `raise its \`timeoutSeconds\` if it may take longer; the end of its output is in ${evidence}`,
      });
    case "output":
      return new SitefleetError({
        ...common,
        code: "build.output-limit",
        message: `step ${name} printed more than 64 MiB and was ended`,
        hint: `the end of its output is in ${evidence}`,
      });
    default:
      return new SitefleetError({
        ...common,
        code: "build.step",
        message: `step ${name} failed (${ended.exitCode === null ? "ended by a signal" : `exit ${ended.exitCode}`})`,
        hint: `the end of its output is in ${evidence}; the artifact that was there before is unchanged`,
      });
  }
}

/** The error of a build that its caller stopped. */
export function interrupted(subject: string): SitefleetError {
  return new SitefleetError({
    code: "build.interrupted",
    subject,
    message: "the build was stopped; the artifact that was there before is unchanged",
    exitCode: 130,
  });
}

/** Whether a path is a directory that lies, with all links followed, inside another one. */
export async function insideOf(root: string, path: string): Promise<boolean> {
  try {
    const [real, base] = await Promise.all([realpath(path), realpath(root)]);
    return (real === base || real.startsWith(`${base}/`)) && (await stat(real)).isDirectory();
  } catch {
    return false;
  }
}
