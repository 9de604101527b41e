import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { changesOf, succeeded } from "../../fleet/run/summary.ts";
import { sessionFor } from "../../operations/fleet/over.ts";
import { leftBehind } from "../../operations/fleet/settle.ts";
import { refuseLost } from "../../operations/rollback/losses.ts";
import { agreedOf, planBack } from "../../operations/rollback/plan.ts";
import { rollback } from "../../operations/rollback.ts";
import { rollbackList } from "../../operations/rollback-list.ts";
import { rollbackPreview } from "../../operations/rollback-preview.ts";
import { up } from "../../operations/up.ts";
import { agrees } from "../ask.ts";
import { type Context, prepare } from "../context.ts";
import { inputOf, operationCommand, performShown, showOperation } from "../from-operation.ts";
import { printRolledBack, renderVersions, sayWhatIsLeft, showPreview } from "../output/rollback.ts";
import { print, printJson, say } from "../output/style.ts";
import { Teller } from "../output/teller.ts";
import { showUpdate } from "../output/update.ts";
import { SILENT } from "../stoppable.ts";

type Input = z.input<typeof rollback.input>;

/** What the terminal adds. */
interface RollbackCommand extends Input {
  readonly yes?: boolean;
  readonly list?: boolean;
  readonly preview?: boolean;
}

/** `sitefleet rollback`: what was live before is live again. */
export function registerRollback(program: Command): void {
  operationCommand(program.command("rollback"), rollback)
    .option("--list", "list the versions of --stack and do nothing")
    .option("--preview", "show what going back would do, and do nothing")
    .option("-y, --yes", "do not ask")
    .action(async (options: RollbackCommand, command: Command) => {
      const context = await prepare(command);
      if (options.list) await listVersions(context, options);
      else if (await resumeUpdate(context, options)) return;
      else if (options.preview) await preview(context, options);
      else await goBack(context, options);
    });
}

async function goBack(context: Context, options: RollbackCommand): Promise<void> {
  const input = inputOf(rollback.input, options);
  const agreed = options.yes ? undefined : await confirmed(context, input);
  if (!options.yes && agreed === undefined) return;
  // A person who says yes has seen what stays lost.
  const yes = agreed ? { agreed, acceptLoss: true } : {};
  const { value, document } = await performShown(context, rollback, { ...input, ...yes }, new Teller());
  if (context.json) printJson(document);
  else printRolledBack(value);
  sayWhatIsLeft(value);
}

/** `up` has found what it changed bad: going on with that is the same as `up --resume`. False when there is no such run. */
async function resumeUpdate(context: Context, { check: _, ...options }: RollbackCommand): Promise<boolean> {
  const { resume } = options;
  if (resume === undefined) return false;
  const [left] = leftBehind(await sessionFor(context, options), resume);
  if (left?.left !== "go-back") return false;
  const { value, document } = await performShown(context, up, inputOf(up.input, options), new Teller());
  showUpdate(context, value, document);
  return true;
}

/** @throws SitefleetError `preview.failed` once it is shown, those of the operation */
async function preview(context: Context, options: RollbackCommand): Promise<void> {
  const input = inputOf(rollbackPreview.input, options);
  const { value, document } = await performShown(context, rollbackPreview, input, new Teller());
  if (context.json) printJson(document);
  else showPreview(value, print);
  if (!succeeded(value.run)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
}

/**
 * Shows what it would do and asks. Undefined when there is nothing to do, or the answer was no.
 *
 * @throws SitefleetError `usage` without a terminal, `preview.failed`, those of the operation
 */
async function confirmed(context: Context, options: Input): Promise<Input["agreed"]> {
  const input = inputOf(rollbackPreview.input, options);
  if (!process.stdin.isTTY) {
    const teller = new Teller();
    const plan = await planBack({ estate: context, emit: (event) => teller.emit(event) }, input);
    if (!options.acceptLoss) refuseLost(plan.losses);
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet rollback --preview`, then run it with --yes",
    });
  }
  const { value } = await showOperation(context, rollbackPreview, input, new Teller());
  showPreview(value, say);
  if (!succeeded(value.run)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  if (changesOf(value.run.results) === 0) return undefined;
  return (await agrees("Go back?")) ? agreedOf(value) : undefined;
}

/** @throws SitefleetError `usage` without a stack */
async function listVersions(context: Context, { stack = [] }: RollbackCommand): Promise<void> {
  if (stack.length === 0) throw new SitefleetError({ code: "usage", message: "--list takes --stack" });
  const { value, document } = await performShown(context, rollbackList, { stack }, SILENT);
  if (context.json) printJson(document);
  else print(renderVersions(value));
}
