import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import type { ChangeSet } from "../../fleet/change-set/index.ts";
import { preflightError, refusals } from "../../fleet/run/preflight/index.ts";
import { changesOf, succeeded } from "../../fleet/run/summary.ts";
import { type Context, prepare } from "../context.ts";
import { previewOver, sessionFor } from "../fleet.ts";
import { changeSetOf, renderChangeSet } from "../output/change-set.ts";
import { say } from "../output/style.ts";
import { showUpdate } from "../output/update.ts";
import { withAllow } from "../preflight.ts";
import { leftBehind } from "../settle.ts";
import { type UpOptions, updateOver } from "../update.ts";
import { withBudget } from "./budget-options.ts";
import { withFleet, withLockTimeout } from "./fleet-options.ts";

/** `sitefleet up`: makes the estate as declared. */
export function registerUp(program: Command): void {
  const up = withBudget(withFleet(program.command("up")))
    .description("make the estate as declared: the shared stack first, then the others, several at a time")
    .option("-y, --yes", "do not ask; without it a preview is shown and confirmed at the terminal")
    .option("--refresh", "compare with what is live first")
    .option(
      "--change-set <file>",
      "do exactly what this reviewed change set (preview --out FILE.json) says, or nothing",
    )
    .option("--resume [run]", "go on with a run (the last one when none is named): only what it left is done");
  withAllow(withLockTimeout(up))
    .option(
      "--gone <host>",
      "this machine is gone for certain: what its engines have locked is taken over; may be given several times",
      (host: string, before: string[] = []) => [...before, host],
    )
    .option("--no-check", "do not ask the sites that change, before and after")
    .option("--no-rollback", "judge and report only: what serves worse than before stays (default: rollout.yaml)")
    .option("--check-new", "ask the sites that are new as well")
    .action(async (options: UpOptions & { yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      let found: ChangeSet["changes"] | undefined;
      if (!options.yes && options.changeSet === undefined) {
        found = await confirmed(context, options);
        if (found === undefined) return;
      }
      showUpdate(context, await updateOver(context, options, found));
    });
}

/**
 * Shows a preview and asks. Returns the changes that were agreed to, undefined when none were.
 *
 * @throws SitefleetError `usage` without a terminal, `preview.failed`
 */
async function confirmed(context: Context, options: UpOptions): Promise<ChangeSet["changes"] | undefined> {
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
  const preview = await previewOver(context, options, session);
  const set = changeSetOf(preview);
  say(renderChangeSet(set, "terminal"));
  const refused = refusals(preview.findings ?? []);
  if (refused.length > 0) throw preflightError(refused);
  if (!succeeded(preview)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  // Nothing to agree to, and perhaps something that was not judged.
  if (changesOf(preview.results) === 0) return left ? [] : undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question("Make these changes? [y/N] ");
    return /^y(es)?$/i.test(answer.trim()) ? set.changes : undefined;
  } catch (error) {
    // Ctrl-C at the question is a no.
    if ((error as Error).name !== "AbortError") throw error;
    process.exitCode = 130;
    return undefined;
  } finally {
    terminal.close();
  }
}
