import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { environment } from "../../../environment/index.ts";
import type { SharedProvider } from "../../../provider/attach.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { engineVersion } from "../../engine/engine-version.ts";
import type { Job, JobResult } from "../../engine/job.ts";
import { canJournal } from "../../engine/journaled.ts";
import type { StepWatch } from "../../engine/operate.ts";
import { NO_COUNTS } from "../../engine/outcome.ts";
import { openEncryption } from "../needs/index.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";
import { evidenceEnv, forkRunner, startProvider, type WarmStart } from "./warm.ts";

/** Options of a {@link RunnerPool}. */
export interface PoolOptions {
  /** Absolute directory of the catalog. */
  readonly catalogDir: string;
  /** Runner processes, each with one stack at a time. */
  readonly size: number;
  /** Environment of the runners and so of the engine. @default that of the operation */
  readonly env?: NodeJS.ProcessEnv;
  /** What has been started already, and is taken first. @default none */
  readonly warm?: WarmStart;
}

/**
 * Processes that carry out jobs; started when first needed, reused, ended by {@link RunnerPool.close}. The provider of our
 * own is started once for all of their engines: each would start one of its own otherwise.
 */
export class RunnerPool {
  readonly #options: PoolOptions;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  #cancelled = false;
  #provider: Promise<SharedProvider | undefined> | undefined;
  #engine: Promise<string | undefined> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Carries out one job. Never rejects: a runner that dies is a failed result of its job. At most `size` at a time. */
  run(job: Job, watch: StepWatch): Promise<JobResult> {
    const started = Date.now();
    const runner = this.#idle.pop() ?? this.#start();
    return new Promise((resolve) => {
      const done = (result: JobResult, reusable: boolean) => {
        runner.off("message", onMessage).off("exit", onExit);
        if (reusable) this.#idle.push(runner);
        resolve(result);
      };
      const onMessage = (message: FromRunner) => {
        if (message.type === "step") watch.started(message.step);
        else if (message.type === "step-ended") watch.ended(message.urn);
        else done(message.result, true);
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#all.delete(runner);
        const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
        const errors = [`the process that ran this stack ${how}; what it had done is in the stack's state`];
        const milliseconds = Date.now() - started;
        const base = { steps: [], counts: NO_COUNTS, warnings: [], finished: false };
        done({ ...base, errors, stack: job.stack, ok: false, milliseconds }, false);
      };
      runner.on("message", onMessage).on("exit", onExit);
      void this.#hand(runner, job);
    });
  }

  /** Gives a runner its job with what all runners share. That starts while the runner loads its modules. Never rejects. */
  async #hand(runner: ChildProcess, job: Job): Promise<void> {
    const [provider, engine, key] = await Promise.all([this.#attached(), this.#version(), this.#key(job)]);
    const { catalogDir, warm } = this.#options;
    // What was started early did not know the environment.
    const own = evidenceEnv(this.#options.env);
    const env = { ...(warm ? (this.#options.env as Record<string, string>) : {}), ...own, ...provider?.env };
    this.#send(runner, { type: "job", catalogDir, job, env, engine, key });
    if (this.#cancelled) this.#send(runner, { type: "cancel" });
  }

  /** Asks every engine to stop after the operations in flight; jobs then end with what they had done. */
  cancel(): void {
    this.#cancelled = true;
    for (const runner of this.#all) this.#send(runner, { type: "cancel" });
  }

  /** Ends all runners. */
  async close(): Promise<void> {
    const ends = [...this.#all].map((runner) => new Promise((resolve) => runner.once("exit", resolve)));
    for (const runner of this.#all) this.#send(runner, { type: "exit" });
    await Promise.all(ends);
    await (await this.#provider)?.stop();
  }

  /** Without it the engines start the plugin themselves (`plugins.providers` of Pulumi.yaml): slower, and as good. */
  #attached(): Promise<SharedProvider | undefined> {
    this.#provider ??= this.#options.warm?.takeProvider(this.#options.env) ?? startProvider(this.#options.env);
    return this.#provider;
  }

  /** What `pulumi version` says; asked once for all runners. Undefined: they ask themselves and say what is wrong. */
  #version(): Promise<string | undefined> {
    this.#engine ??= this.#options.warm?.engine ?? engineVersion(this.#options.env);
    return this.#engine;
  }

  /** Of the stacks' secrets; a run makes it once. Undefined: it is kept elsewhere, or wrong, and the engine says so. */
  async #key({ configFile }: Job) {
    const env = this.#options.env ?? environment();
    if (!canJournal(env)) return undefined;
    const key = await openEncryption(resolve(PROJECT_ROOT, configFile), env).catch(() => undefined);
    return key?.packed();
  }

  #start(): ChildProcess {
    const runner = this.#options.warm?.takeRunner() ?? forkRunner(this.#options.env ?? environment());
    runner.on("exit", () => this.#all.delete(runner));
    this.#all.add(runner);
    return runner;
  }

  #send(runner: ChildProcess, message: ToRunner): void {
    if (runner.connected) runner.send(message, () => {});
  }
}
