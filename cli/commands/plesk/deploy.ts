import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { SitefleetError } from "../../../errors/index.ts";
import { describeHolder } from "../../../fleet/backend/locks/locks.ts";
import { applyRun } from "../../../fleet/run/apply.ts";
import { checkNeeds } from "../../../fleet/run/needs/index.ts";
import { type RunResult, runFleet } from "../../../fleet/run/run.ts";
import { openSession, type Session } from "../../../fleet/run/session.ts";
import { changesOf, succeeded, summarise } from "../../../fleet/run/summary.ts";
import { changeSetOf } from "../../../operations/fleet/change-set.ts";
import { withUnopened } from "../../../operations/fleet/over.ts";
import { DEFAULT_LOCK_TIMEOUT, wholeNumber } from "../../../operations/kit/fields.ts";
import { PLESK_STACK } from "../../../stacks/names.ts";
import { targetsOf } from "../../../stacks/plesk-targets.ts";
import { prepare } from "../../context.ts";
import { renderChangeSet } from "../../output/change-set.ts";
import { sayRepair } from "../../output/repair.ts";
import { print, printJson, say } from "../../output/style.ts";
import { renderSummary } from "../../output/summary.ts";
import { type AllowFlags, sayFindings, withAllow } from "../../preflight.ts";
import { watched } from "../../watched.ts";
import { namedServices, type ServiceOptions, withNamedServices } from "./options.ts";

interface DeployOptions extends ServiceOptions, AllowFlags {
  readonly yes?: boolean;
  readonly lockTimeout?: number;
}

/**
 * `sitefleet plesk deploy`: the hotfix path. It is an update of stack `prod-plesk` limited to some services, so that the state knows
 * of it and the next preview tells the truth (docs/adr/0017).
 */
export function registerDeploy(plesk: Command): void {
  withAllow(withNamedServices(plesk.command("deploy")))
    .description("deploy the built artifacts of some services: an update of prod-plesk that is limited to them")
    .option("-y, --yes", "do not ask; without it the plan is shown and confirmed at the terminal")
    .option(
      "--lock-timeout <seconds>",
      `how long to wait for another run on the stack (default: ${DEFAULT_LOCK_TIMEOUT})`,
      wholeNumber("--lock-timeout"),
    )
    .action(async (options: DeployOptions, command: Command) => {
      const context = await prepare(command);
      const keys = namedServices(options);
      const session = await openSession({ ...context, named: [PLESK_STACK] });
      const services = keys.length === 0 ? undefined : keys;
      const state = await session.inputs.state(PLESK_STACK);
      if (state.kind === "plesk") targetsOf(state, keys);
      if (!options.yes && !(await confirmed(session, services))) return;
      const run = await update(session, services, options);
      const summary = summarise(run);
      for (const { repaired } of run.results) if (repaired) sayRepair(repaired);
      if (context.json) printJson({ ok: succeeded(run), run: run.run, ...summary });
      else print(renderSummary(summary, true));
      if (!succeeded(run)) process.exitCode ||= 1;
    });
}

type Services = readonly string[] | undefined;

function update(
  session: Session,
  services: Services,
  { lockTimeout = DEFAULT_LOCK_TIMEOUT, allow = [] }: DeployOptions,
) {
  return watched(1, (observer, signal) =>
    applyRun(session, {
      stacks: [PLESK_STACK],
      concurrency: 1,
      ...(services ? { services } : {}),
      preflight: { rules: { allow }, onFindings: sayFindings },
      lockWaitMs: lockTimeout * 1000,
      onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
      onRepair: sayRepair,
      onNotice: say,
      observer,
      signal,
    }),
  );
}

/** Shows what would be done and asks. @throws SitefleetError `usage` without a terminal, `preview.failed` */
async function confirmed(session: Session, services: Services): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet plesk plan`, then run `sitefleet plesk deploy --yes`",
    });
  }
  await checkNeeds(session, [PLESK_STACK]);
  const run: RunResult = await watched(1, (observer, signal) =>
    runFleet({
      operation: "preview",
      stacks: [PLESK_STACK],
      existing: new Set(session.infos.keys()),
      catalogDir: session.catalogDir,
      configFile: session.configFile,
      concurrency: 1,
      ...(services ? { services } : {}),
      observer,
      signal,
    }),
  );
  say(renderChangeSet(changeSetOf(withUnopened({ ...session, open: [PLESK_STACK] }, run)), "terminal"));
  if (!succeeded(run)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  if (changesOf(run.results) === 0) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Deploy? [y/N] ")).trim());
  } catch (error) {
    // Ctrl-C at the question is a no.
    if ((error as Error).name !== "AbortError") throw error;
    process.exitCode = 130;
    return false;
  } finally {
    terminal.close();
  }
}
