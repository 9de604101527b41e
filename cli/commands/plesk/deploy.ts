import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { changesOf, succeeded, summarise } from "../../../fleet/run/summary.ts";
import { changeSetOf } from "../../../operations/fleet/change-set.ts";
import type { FleetRun } from "../../../operations/fleet/fleet-run.ts";
import type { FleetEvent } from "../../../operations/kit/events.ts";
import { openDeployment, pleskDeploy, previewDeployment } from "../../../operations/plesk/deploy.ts";
import { agrees } from "../../ask.ts";
import { type Context, prepare } from "../../context.ts";
import { inputOf, operationCommand, performShown } from "../../from-operation.ts";
import { renderChangeSet } from "../../output/change-set.ts";
import { sayRepair } from "../../output/repair.ts";
import { print, printJson, say } from "../../output/style.ts";
import { renderSummary } from "../../output/summary.ts";
import { Teller } from "../../output/teller.ts";
import { stoppable } from "../../stoppable.ts";

type Input = z.input<typeof pleskDeploy.input>;

/** `sitefleet plesk deploy`: the hotfix path, an update of stack `prod-plesk` limited to some services. */
export function registerDeploy(plesk: Command): void {
  operationCommand(plesk.command("deploy"), pleskDeploy)
    .option("-y, --yes", "do not ask; without it the plan is shown and confirmed at the terminal")
    .action(async (options: Input & { readonly yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(pleskDeploy.input, options);
      if (!options.yes && !(await confirmed(context, input))) return;
      const { value: run, document } = await performShown(context, pleskDeploy, input, new Teller());
      for (const { repaired } of run.results) if (repaired) sayRepair(repaired);
      if (context.json) printJson(document);
      else print(renderSummary(summarise(run), true));
    });
}

/** Shows what would be done and asks. @throws SitefleetError `usage` without a terminal, `preview.failed` */
async function confirmed(context: Context, input: Input): Promise<boolean> {
  const opened = await openDeployment(context, input);
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet plesk plan`, then run `sitefleet plesk deploy --yes`",
    });
  }
  const run = await stoppable<FleetEvent, FleetRun>(new Teller(), (emit, signal) =>
    previewDeployment({ emit, signal }, opened),
  );
  say(renderChangeSet(changeSetOf(run), "terminal"));
  if (!succeeded(run)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  return changesOf(run.results) > 0 && agrees("Deploy?");
}
