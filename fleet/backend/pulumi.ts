import spawn, { SubprocessError } from "nano-spawn";
import { childEnvironment, environment } from "../../environment/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { withoutPasswords } from "./store/backend-url.ts";
import { outdate } from "./store/look.ts";

/**
 * How long the engine's command line may take, ms, by what it is asked for. `answer`: one stack, or a new one. `states`: all
 * stacks of a backend, or a whole state. `providers`: reading resources at the vendors.
 */
const PULUMI_MS = { answer: 60_000, states: 120_000, providers: 600_000 } as const;

/**
 * A command that answers and ends collects no garbage below this size: that is a third of the CPU time that it takes to start.
 * Engines that work on stacks have a setting of their own (`engine/`).
 */
const BRIEF = { GOGC: "off", GOMEMLIMIT: "512MiB" };

/** The version is this project's (toolchain/): the engine need not ask api.pulumi.com for a newer one, not each of 64 a run. */
export const UNASKED = { PULUMI_SKIP_UPDATE_CHECK: "true" };

/** How `pulumi` is started. */
export interface PulumiOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** How long it may take. @default "answer" */
  readonly within?: keyof typeof PULUMI_MS;
  /** @default the project's folder */
  readonly cwd?: string;
  /** A session of its own: what it writes is written to its end, whatever becomes of the terminal. @default false */
  readonly detached?: boolean;
  /** Its stdin. @default nothing */
  readonly input?: string;
}

/** The engine's command line has failed, has not ended in time, or is not there. Never holds its stdout unless it is asked. */
export class PulumiError extends Error {
  override readonly name = "PulumiError";
  /** What it said on stderr, without passwords; empty when it said nothing. */
  readonly said: string;
  /** All that it said, in order, without passwords. May hold a secret that the command was asked for. */
  readonly output: string;

  constructor(command: string, cause: unknown, late: boolean, limitMs: number) {
    const failed = cause instanceof SubprocessError ? cause : undefined;
    const said = withoutPasswords(failed?.stderr.trim() ?? "");
    const why = late ? `${command} has not ended within ${limitMs / 1000} seconds` : (failed?.message ?? String(cause));
    super(said || withoutPasswords(why), { cause });
    this.said = said;
    this.output = withoutPasswords(failed?.output.trim() ?? "");
  }
}

/**
 * Starts the engine's command line once, and waits for it. Operations on stacks are started by the Automation API (`engine/`);
 * all other questions begin here.
 *
 * @returns what it printed
 * @throws PulumiError the caller says what that means
 */
export async function pulumi(args: readonly string[], options: PulumiOptions = {}): Promise<string> {
  const { env = environment(), within = "answer", cwd = PROJECT_ROOT, detached = false, input } = options;
  // Not nano-spawn's own time-out: its timer keeps this process alive when there is no engine to start.
  const limit = AbortSignal.timeout(PULUMI_MS[within]);
  try {
    const settings = {
      cwd,
      env: childEnvironment({ ...BRIEF, ...UNASKED, ...env }),
      stdin: input === undefined ? "ignore" : { string: input },
      signal: limit,
      detached,
    } as const;
    return (await spawn("pulumi", [...args, "--non-interactive"], settings)).stdout;
  } catch (error) {
    throw new PulumiError(`pulumi ${args.slice(0, 2).join(" ")}`, error, limit.aborted, PULUMI_MS[within]);
  } finally {
    // It may have written a state, also where it failed.
    if (args[0] !== "version") outdate(env);
  }
}
