import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { environment } from "../../environment/index.ts";
import { UNASKED } from "../backend/pulumi.ts";
import type { StackKey } from "../backend/secrets/stack-key.ts";
import type { Left } from "../backend/service/state-part.ts";
import { type EngineEvent, followEvents } from "./event-log.ts";
import { journaled, previewed } from "./journaled.ts";
import type { CommandResult, Runnable } from "./runnable.ts";

/** What the wrapper adds to a plain `PulumiCommand`. */
export interface LeanOptions {
  /** The stack is known to exist, so that `stack select` need not ask. */
  readonly exists: boolean;
  /** The working copy whose service the engine tells its steps to. @default it writes the state itself */
  readonly journalIn?: string;
  /** The states that a preview reads through a service of ours, which needs the key. @default it reads them itself */
  readonly readIn?: string;
  /** The key of the stacks' secrets, with which a service opens and closes them. @default the engine makes it */
  readonly key?: StackKey;
  /** See `Job.settled`; only where a service of ours has the state. @default each resource's plugin is asked */
  readonly settled?: string | undefined;
  /** Sites that the operation is limited to; only where a service of ours has the state. @default none */
  readonly sites?: readonly string[] | undefined;
  /** Told what of other sites the engine is not given, where that is something. */
  onLeft?(left: Left): void;
  /** Called with every engine event of `up`, `preview`, `refresh` and `destroy`, in order. */
  onEvent(event: EngineEvent): void;
}

/**
 * From 3.206 on the SDK takes a preview's events over gRPC and names an address instead of a file. Up to here it names a
 * file, and nothing else that we use depends on the version.
 */
const LAST_WITH_FILE = "3.205.0";

/** The version that the SDK is told: no later one than it has files for. */
function toldVersion(version: PulumiCommand["version"]): PulumiCommand["version"] {
  if (version === null || version.compare(LAST_WITH_FILE) <= 0) return version;
  const SemVer = version.constructor as new (text: string) => NonNullable<PulumiCommand["version"]>;
  return new SemVer(LAST_WITH_FILE);
}

const OPERATIONS = new Set(["up", "preview", "refresh", "destroy"]);

/**
 * The engine lets its heap grow to five times what lives in it instead of twice: it writes the whole state around each step,
 * and cleaning up after that took a tenth of its CPU time. Some 80 MB more an engine.
 */
const ENGINE_GOGC = "400";

/**
 * The engine keeps the state of a preview as well, which is written nowhere, and makes the whole text of it after each step: of 78
 * new sites 2.6 of 3.6 CPU seconds (3.276). A preview makes it once at the end. Never set for an update that keeps no journal: one that
 * is killed would leave no state of what it has done.
 */
const OF_PREVIEWS = { PULUMI_SKIP_CHECKPOINTS: "true" };

/** A look at what is live alone compares what it reads with the state, to the letter, and asks no plugin how that differs. */
const OF_LOOKS = { ...OF_PREVIEWS, PULUMI_ENABLE_LEGACY_REFRESH_DIFF: "true" };

/**
 * A preview's engine works on one resource after the other, in turn with the program: on one processor it takes as long, and what it
 * spends on looking for work on the others is saved, a sixteenth of its CPU time on two. One that only looks at what is live waits for
 * vendors: a tenth.
 */
const PREVIEW_GOMAXPROCS = "1";

/** An empty success, in the shape of the Automation API's result. */
const answer = (stdout: string): CommandResult => ({ stdout, stderr: "", code: 0 });

/**
 * The Automation API asks the CLI around every operation: select before it, outputs and history after it, a process of
 * 0.1 to 0.25 s each. A fleet of 67 stacks needs none of those answers: what happened is in the events. This
 * wrapper answers them itself and adds an event log of our own to the operations.
 *
 * The log is read from a file by us: the SDK's reader loses bytes of a log that grows fast ("Failed to parse engine event").
 */
export function leanCommand(command: PulumiCommand, options: LeanOptions): PulumiCommand {
  const real = command as PulumiCommand & Runnable;
  const { journalIn, readIn, key, settled, sites, onLeft } = options;
  const served = { key, settled, sites, onLeft };
  const lasting = journalIn ? journaled(real, { ...served, dir: journalIn }) : real.run.bind(real);
  const run: Runnable["run"] = async (args, cwd, env, onOutput, onError, signal) => {
    const [verb, sub] = args;
    if (verb === "stack" && sub === "select" && options.exists) return answer("");
    if (verb === "stack" && sub === "output") return answer("{}");
    if (verb === "stack" && sub === "history") return answer("[]");
    if (verb === undefined || !OPERATIONS.has(verb)) return real.run(args, cwd, env, onOutput, onError, signal);
    const look = verb === "preview" ? OF_PREVIEWS : args.includes("--preview-only") ? OF_LOOKS : undefined;
    let summary: EngineEvent | undefined;
    const onEvent = (event: EngineEvent) => {
      if (event.summaryEvent) summary = event;
      options.onEvent(event);
    };
    // Of what an operation with targets leaves alone the engine posts nothing, and logs it.
    const posts = look && readIn && key && !args.includes("--target");
    const looking =
      readIn && key
        ? previewed(real, { ...served, dir: readIn, onEvent: posts ? onEvent : undefined })
        : real.run.bind(real);
    const log = posts ? undefined : eventLog(onEvent);
    // For previews the Automation API names a log of its own, and the last flag would win over ours. It gets the one event
    // that it waits for, the summary, when the operation has ended.
    const given = args.indexOf("--event-log");
    const theirs = given >= 0 ? args[given + 1] : undefined;
    const rest = given >= 0 ? args.toSpliced(given, 2) : args;
    try {
      const asked = log ? [verb, "--event-log", log.file, ...rest.slice(1)] : rest;
      // The engine shows `--event-log` only with its debug commands on; the Automation API sets the same variable.
      const own = {
        ...UNASKED,
        ...(look ? { GOMAXPROCS: environment().GOMAXPROCS ?? PREVIEW_GOMAXPROCS } : {}),
        ...env,
        ...look,
        PULUMI_DEBUG_COMMANDS: "true",
        GOGC: env.GOGC ?? environment().GOGC ?? ENGINE_GOGC,
      };
      return await (look ? looking : lasting)(asked, cwd, own, onOutput, onError, signal);
    } finally {
      log?.finish();
      if (theirs !== undefined && summary !== undefined) appendFileSync(theirs, `${JSON.stringify(summary)}\n`);
    }
  };
  return Object.assign(Object.create(Object.getPrototypeOf(real)), real, { run, version: toldVersion(real.version) });
}

/** A log of an engine's own, followed until it is finished and then removed. */
function eventLog(onEvent: (event: EngineEvent) => void) {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-events-"));
  const file = join(dir, "events.jsonl");
  const follower = followEvents(file, onEvent);
  return {
    file,
    finish() {
      follower.finish();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
