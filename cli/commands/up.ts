import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { preflightError, refusals } from "../../fleet/run/preflight/index.ts";
import { changesOf, succeeded } from "../../fleet/run/summary.ts";
import { changeSetOf } from "../../operations/fleet/change-set.ts";
import type { FleetRun } from "../../operations/fleet/fleet-run.ts";
import { previewOver, sessionFor } from "../../operations/fleet/over.ts";
import { leftBehind } from "../../operations/fleet/settle.ts";
import type { FleetEvent } from "../../operations/kit/events.ts";
import { up } from "../../operations/up.ts";
import { agrees } from "../ask.ts";
import { type Context, prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { renderChangeSet } from "../output/change-set.ts";
import { say } from "../output/style.ts";
import { Teller } from "../output/teller.ts";
import { showUpdate } from "../output/update.ts";
import { stoppable } from "../stoppable.ts";

type Input = z.input<typeof up.input>;

/** `sitefleet up`: makes the estate as declared. */
export function registerUp(program: Command): void {
  operationCommand(program.command("up"), up)
    .option("-y, --yes", "do not ask; without it a preview is shown and confirmed at the terminal")
    .action(async (options: Input & { yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(up.input, options);
      const asks = !options.yes && options.changeSet === undefined;
      const agreed = asks ? await confirmed(context, input) : undefined;
      if (asks && agreed === undefined) return;
      const { value, document } = await performShown(context, up, { ...input, agreed }, new Teller());
      showUpdate(context, value, document);
    });
}

/**
 * Shows a preview and asks. Returns the changes that were agreed to, undefined when none were.
 *
 * @throws SitefleetError `usage` without a terminal, `preview.failed`
 */
async function confirmed(context: Context, options: Input): Promise<Input["agreed"]> {
  const session = await sessionFor(context, options);
  const left = options.check === false ? undefined : leftBehind(session, options.resume)[0];
  // Going back was decided when what is live was judged; going on with that needs no other yes than `--resume`.
  if (left?.left === "go-back" && options.resume !== undefined) return [];
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "review `sitefleet preview`, then run `sitefleet up --yes`",
    });
  }
  // The session that was just opened serves the preview too: opening one reads the catalog and asks the backend.
  const run = await stoppable<FleetEvent, FleetRun>(new Teller(), (emit, signal) =>
    previewOver({ estate: context, emit, signal }, options, session),
  );
  const set = changeSetOf(run);
  say(renderChangeSet(set, "terminal"));
  const refused = refusals(run.findings ?? []);
  if (refused.length > 0) throw preflightError(refused);
  if (!succeeded(run)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  // Nothing to agree to, and perhaps something that was not judged.
  if (changesOf(run.results) === 0) return left ? [] : undefined;
  return (await agrees("Make these changes?")) ? set.changes : undefined;
}
