import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import type { RolloutRecord } from "../../fleet/releases/rollout/index.ts";
import type { FleetEvent } from "../../operations/kit/events.ts";
import { type Operation, STOPPED_EXIT } from "../../operations/kit/operation.ts";
import type { rolloutDocument } from "../../operations/rollout/documents.ts";
import { rollout } from "../../operations/rollout.ts";
import { rolloutAbort } from "../../operations/rollout-abort.ts";
import { rolloutPause } from "../../operations/rollout-pause.ts";
import { rolloutPlan } from "../../operations/rollout-plan.ts";
import { rolloutPromote } from "../../operations/rollout-promote.ts";
import { rolloutResume } from "../../operations/rollout-resume.ts";
import { rolloutStatus } from "../../operations/rollout-status.ts";
import { agrees } from "../ask.ts";
import { type Context, prepare } from "../context.ts";
import { inputOf, operationCommand, performShown, showOperation } from "../from-operation.ts";
import { renderRollout, runnerLine } from "../output/rollout.ts";
import { print, printJson, say } from "../output/style.ts";
import { Teller } from "../output/teller.ts";
import { SILENT } from "../stoppable.ts";

type Input = z.input<typeof rollout.input>;

/** `sitefleet rollout`: what differs from the catalog goes out wave by wave, and each wave is judged. */
export function registerRollout(program: Command): void {
  const command = operationCommand(program.command("rollout"), rollout)
    .option("-y, --yes", "do not ask")
    .option("--plan", "show the waves and do nothing")
    .action(async (options: Input & { yes?: boolean; plan?: boolean }, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(rollout.input, options);
      if (options.plan) await plan(context, input);
      else await begin(context, input, options.yes ?? false);
    });
  operationCommand(command.command("status"), rolloutStatus).action(async (_: object, command: Command) =>
    status(await prepare(command)),
  );
  for (const operation of [rolloutPause, rolloutResume, rolloutPromote, rolloutAbort]) withRequest(command, operation);
}

async function plan(context: Context, input: Input): Promise<void> {
  const { value, document } = await performShown(context, rolloutPlan, inputOf(rolloutPlan.input, input), new Teller());
  show(context, value, document);
}

async function begin(context: Context, input: Input, yes: boolean): Promise<void> {
  const agreed = yes ? undefined : await confirmed(context, input);
  if (!yes && agreed === undefined) return;
  const { value, document, exitCode } = await performShown(context, rollout, { ...input, agreed }, new Teller());
  show(context, value, document);
  if (value) sayWayOn(value, exitCode);
}

/**
 * Judges the rollout, shows its waves and asks. Undefined when no site or service differs, or the answer was no.
 *
 * @throws SitefleetError `usage` without a terminal, those of the operation
 */
async function confirmed(context: Context, input: Input): Promise<RolloutRecord | undefined> {
  const judged = { ...inputOf(rolloutPlan.input, input), judge: true };
  const { value, document } = await showOperation(context, rolloutPlan, judged, new Teller());
  if (value === undefined) {
    show(context, value, document);
    return undefined;
  }
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet rollout --plan` and `sitefleet preview`, then run it with --yes",
    });
  }
  say(renderRollout(value));
  return (await agrees("Begin?")) ? value : undefined;
}

async function status(context: Context): Promise<void> {
  const { value, document } = await performShown(context, rolloutStatus, {}, SILENT);
  if (context.json) printJson(document);
  else if (value === undefined) print("there is no rollout");
  else print([renderRollout(value.record), runnerLine(value.record, value.holder)].filter(Boolean).join("\n"));
}

/** Adds the command that asks something of the newest rollout. */
function withRequest<Wish extends z.ZodObject>(
  rollout: Command,
  operation: Operation<Wish, z.ZodType<FleetEvent, FleetEvent>, RolloutRecord, typeof rolloutDocument>,
): void {
  const [, name = ""] = operation.name.split(" ");
  operationCommand(rollout.command(name), operation).action(async (_: object, command: Command) => {
    const context = await prepare(command);
    const input = inputOf(operation.input, command.optsWithGlobals());
    const { value, document, exitCode } = await performShown(context, operation, input, new Teller());
    show(context, value, document);
    // The person who has paused it knows how it stands.
    if (operation.name !== rolloutPause.name) sayWayOn(value, exitCode);
  });
}

function show(context: Context, record: RolloutRecord | undefined, document: object): void {
  if (context.json) printJson(document);
  else print(record ? renderRollout(record) : "no site or service differs from the catalog");
}

/** Says how a person goes on with a rollout that is not over. */
function sayWayOn({ status }: RolloutRecord, exitCode: number): void {
  if (status === "aborting" && exitCode === STOPPED_EXIT) say("sitefleet rollout resume goes on with going back");
  if (status === "paused")
    say("sitefleet rollout resume looks again and goes on, promote accepts the wave, abort takes everything back");
}
