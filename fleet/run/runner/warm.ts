import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { environment } from "../../../environment/index.ts";
import { type SharedProvider, startSharedProvider } from "../../../provider/attach.ts";
import { programFile } from "../../../toolchain/programs.mjs";
import { startedByMe } from "../../backend/locks/leftovers.ts";
import { stateDir } from "../../backend/store/state-dir.ts";
import { engineVersion } from "../../engine/engine-version.ts";

/**
 * A program makes many objects that live until its last resource is registered: with a young generation of 1 MB, Node's
 * default, a quarter of a runner's time went into copying them about. One thread for it, as runners keep all processors busy.
 */
const GARBAGE = ["--min-semi-space-size=16", "--max-semi-space-size=32", "--single-threaded-gc"];

/** Starts a runner. */
export function forkRunner(env: NodeJS.ProcessEnv): ChildProcess {
  return fork(programFile("fleet/run/runner/main.ts", env), [], {
    env: { ...env, ...startedByMe() },
    // A session of its own, and so for the engines that it starts: a terminal's Ctrl-C or hang-up reaches the pool alone,
    // which asks each engine once to end. An engine that is asked twice ends at once.
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning", ...GARBAGE],
  });
}

/** Where the provider of our own keeps what it saw of deployments that are not promoted. */
export function evidenceEnv(env?: NodeJS.ProcessEnv): { readonly SITEFLEET_EVIDENCE_DIR: string } {
  return { SITEFLEET_EVIDENCE_DIR: join(stateDir(env), "evidence") };
}

/** Starts the provider of our own; undefined when it does not start. */
export function startProvider(env: NodeJS.ProcessEnv | undefined): Promise<SharedProvider | undefined> {
  return startSharedProvider({ ...(env ?? environment()), ...evidenceEnv(env), ...startedByMe() }).catch(
    () => undefined,
  );
}

/**
 * What every run needs, started before its use is known: loading its modules takes as long as finding out. What
 * no pool has taken is ended by {@link WarmStart.close}, or with this process.
 */
export class WarmStart {
  readonly #runners: ChildProcess[];
  #provider: Promise<SharedProvider | undefined> | undefined;
  /** What the engine says that it is. */
  readonly engine: Promise<string | undefined>;

  /** @param runners how many, each for one stack at a time */
  constructor(runners: number) {
    this.#runners = Array.from({ length: runners }, () => forkRunner(environment()));
    this.#provider = startProvider(undefined);
    this.engine = engineVersion();
  }

  /** A runner that lives; undefined when there is none left. */
  takeRunner(): ChildProcess | undefined {
    for (let runner = this.#runners.shift(); runner !== undefined; runner = this.#runners.shift())
      if (runner.connected) return runner;
    return undefined;
  }

  /** The provider, to be stopped by who takes it; undefined when it is taken. @param env calls the vendors as this says */
  takeProvider(env: NodeJS.ProcessEnv | undefined): Promise<SharedProvider | undefined> | undefined {
    const taken = this.#provider;
    this.#provider = undefined;
    return taken?.then(async (provider) => {
      if (env === undefined) return provider;
      await provider?.use({ ...env, ...evidenceEnv(env) });
      return provider;
    });
  }

  /** Ends what no pool has taken. */
  async close(): Promise<void> {
    for (const runner of this.#runners.splice(0)) if (runner.connected) runner.disconnect();
    await (await this.takeProvider(undefined))?.stop();
  }
}
