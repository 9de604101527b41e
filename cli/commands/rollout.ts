import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import {
  currentWave,
  planRollout,
  type Request,
  type RolloutRecord,
  whoseTurn,
} from "../../fleet/releases/rollout/index.ts";
import { lookAhead } from "../../fleet/run/preflight/index.ts";
import { type Context, prepare, withCommon } from "../context.ts";
import { renderRollout, rolloutDocument, runnerLine } from "../output/rollout.ts";
import { print, printJson, say } from "../output/style.ts";
import { sayFindings, withAllow } from "../preflight.ts";
import {
  askRollout,
  beginRollout,
  clearRollout,
  latestRollout,
  me,
  openFiles,
  openPlace,
  openRollout,
  type RolloutOptions,
  refuseSecond,
} from "../rollout.ts";
import { withConcurrency, withLockTimeout } from "./fleet-options.ts";

/** Exit codes of a rollout that waits for a person, see docs/reference/cli.md. */
const PAUSED = 3;
const INCONCLUSIVE = 4;

/** `sitefleet rollout`: what differs from the catalog goes out wave by wave, and each wave is judged. */
export function registerRollout(program: Command): void {
  const rollout = withRun(withCommon(program.command("rollout")))
    .description("bring sites to what the catalog says, wave by wave; a wave that fails goes back by itself")
    .option("-y, --yes", "do not ask")
    .option("--plan", "show the waves and do nothing")
    .action(async (options: RolloutOptions & { yes?: boolean; plan?: boolean }, command: Command) => {
      const context = await prepare(command);
      refuseSecond(await latestRollout(await openFiles()));
      const session = await openRollout(context);
      const record = await planRollout(session, new Date(), options.allow);
      if (record === undefined) {
        if (context.json) printJson({ ok: true, status: "done", reason: "no site differs", waves: [] });
        else print("no site differs from the catalog");
        return;
      }
      if (options.plan) {
        const { findings } = await lookAhead(session, {
          stacks: Object.keys(record.target),
          rules: { allow: record.allow ?? [] },
        });
        sayFindings(findings);
        return show(context, record);
      }
      sayFindings(await clearRollout(context, session, record, options));
      if (!options.yes && !(await agreed(record))) return;
      end(context, await beginRollout(context, record, options));
    });
  withCommon(rollout.command("status"))
    .description("show the newest rollout: its waves, and what has happened")
    .action(async (_: object, command: Command) => {
      const context = await prepare(command);
      const files = await openFiles();
      const record = await latestRollout(files);
      const holder = await whoseTurn(await openPlace());
      if (record === undefined) {
        if (context.json) printJson({ status: "none" });
        else print("there is no rollout");
      } else if (context.json) {
        const runner = holder ? { user: holder.user, host: holder.host, pid: holder.pid, since: holder.since } : null;
        printJson({ ...rolloutDocument(record), runner, events: await files.events(record.id) });
      } else print([renderRollout(record), runnerLine(record, holder)].filter(Boolean).join("\n"));
    });
  withCommon(rollout.command("pause"))
    .description("stop the rollout before its next step, wherever it is carried out")
    .action(asking("pause"));
  withRun(withCommon(rollout.command("resume")))
    .description("go on with a rollout that was paused, or whose process is gone; what was in doubt is checked again")
    .action(asking("resume"));
  withRun(withCommon(rollout.command("promote")))
    .description("end the pause or soak time at once, or accept a wave that is in doubt, and go on")
    .action(asking("promote"));
  withRun(withCommon(rollout.command("abort")))
    .description("end the rollout and take back what it has brought, also of one that a failed wave has stopped")
    .option("--keep", "leave what it has brought")
    .action(asking("abort"));
}

/** Adds the options of commands that may carry a rollout out. */
function withRun(command: Command): Command {
  return withAllow(withLockTimeout(withConcurrency(command))).option(
    "--gone <host>",
    "this machine is gone for certain: what it held is taken over; may be given several times",
    (host: string, before: string[] = []) => [...before, host],
  );
}

function asking(want: Request["want"]) {
  return async (_: object, command: Command) => {
    const context = await prepare(command);
    const options = command.optsWithGlobals<RolloutOptions & { keep?: boolean }>();
    const record = await askRollout(context, { want, by: me(), keep: options.keep ?? false }, options);
    end(context, record, want);
  };
}

/** Prints where the rollout is; the exit code says whether it waits for a person. */
function end(context: Context, record: RolloutRecord, want?: Request["want"]): void {
  show(context, record);
  if (record.status === "stopped" || record.status === "aborting") process.exitCode ||= 1;
  if (record.status === "aborting" && process.exitCode === 130) say("sitefleet rollout resume goes on with going back");
  if (record.status !== "paused" || want === "pause") return;
  process.exitCode ||= currentWave(record)?.step === "doubtful" ? INCONCLUSIVE : PAUSED;
  say("sitefleet rollout resume looks again and goes on, promote accepts the wave, abort takes everything back");
}

function show(context: Context, record: RolloutRecord): void {
  if (context.json) printJson(rolloutDocument(record));
  else print(renderRollout(record));
}

/** Shows the waves and asks. @throws SitefleetError `usage` without a terminal */
async function agreed(record: RolloutRecord): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet rollout --plan` and `sitefleet preview`, then run it with --yes",
    });
  }
  say(renderRollout(record));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Begin? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}
