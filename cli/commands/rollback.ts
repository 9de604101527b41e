import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { reportOf } from "../../fleet/health/index.ts";
import { type Loss, stackVersions, wholeState } from "../../fleet/releases/rollback/index.ts";
import { WarmStart } from "../../fleet/run/runner/warm.ts";
import { changesOf, succeeded, summarise } from "../../fleet/run/summary.ts";
import { changeSetOf } from "../../operations/fleet/change-set.ts";
import { sessionFor } from "../../operations/fleet/over.ts";
import { leftBehind } from "../../operations/fleet/settle.ts";
import { wholeNumber } from "../../operations/kit/fields.ts";
import { collectHosts } from "../../operations/kit/host.ts";
import { up } from "../../operations/up.ts";
import { type Context, prepare, withCommon } from "../context.ts";
import { inputOf, performShown } from "../from-operation.ts";
import { renderChangeSet } from "../output/change-set.ts";
import { renderHealth } from "../output/health.ts";
import { forData, print, printJson, say, table } from "../output/style.ts";
import { renderSummary } from "../output/summary.ts";
import { Teller } from "../output/teller.ts";
import { showUpdate } from "../output/update.ts";
import {
  carryOutRollback,
  checkRollback,
  lookBefore,
  type PlannedRollback,
  planRollback,
  previewRollback,
  ROLLBACK_CONCURRENCY,
  type RollbackOptions,
  rebuiltBy,
  runnersFor,
} from "../rollback.ts";
import { withConcurrency, withLockTimeout } from "./fleet-options.ts";

interface RollbackCommand extends RollbackOptions {
  readonly yes?: boolean;
  readonly acceptLoss?: boolean;
  readonly list?: boolean;
  readonly preview?: boolean;
  /** @default true */
  readonly check?: boolean;
}

const collect = (value: string, previous: string[] = []) => [...previous, value];

/** `sitefleet rollback`: what was live before is live again. */
export function registerRollback(program: Command): void {
  const rollback = withCommon(program.command("rollback"))
    .description("go back to what stacks or sites were before: releases, variables, domains, DNS")
    .option("--site <host>", "only this site; may be given several times", collectHosts)
    .option("--stack <name>", "this stack; may be given several times", collect)
    .option("--run <id>", "undo this run, or rollout: every stack that it touched goes back to what it was before")
    .option("--to <version>", "to this version of the stack (default: the last one that differs)", wholeNumber("--to"))
    .option("--list", "list the versions of --stack and do nothing")
    .option("--preview", "show what going back would do, and do nothing")
    .option("-y, --yes", "do not ask")
    .option("--accept-loss", "go back also where something stays lost, e.g. a deleted project's deployments")
    .option("--reason <text>", "why; kept with the releases that are remembered as bad")
    .option("--resume <run>", "go on with a rollback that did not end, also one of `up`")
    .option("--no-check", "do not ask the sites afterwards")
    .option("--refresh", "compare with what is live first");
  withLockTimeout(withConcurrency(rollback, ROLLBACK_CONCURRENCY)).action(
    async (options: RollbackCommand, command: Command) => {
      const context = await prepare(command);
      if (options.list) return listVersions(context, options);
      if (await resumeUpdate(context, options)) return;
      const warm = new WarmStart(runnersFor(options));
      await goBack(context, { ...options, warm }).finally(() => warm.close());
    },
  );
}

async function goBack(context: Context, options: RollbackCommand): Promise<void> {
  const plan = await planRollback(context, options);
  for (const { stack, reason } of plan.left) say(`${stack} stays: ${reason}`);
  if (plan.targets.length === 0) {
    throw new SitefleetError({ code: "rollback.none", message: "there is nothing to go back to" });
  }
  if (options.preview) {
    await show(context, plan, options);
    return;
  }
  accept(plan.losses, options);
  if (!options.yes && !(await agreed(context, plan, options))) return;
  const run = await carryOutRollback(context, plan, options);
  const summary = summarise(run);
  const to = plan.aims.map(({ stack, to }) => ({ stack, version: to }));
  // A host that does not answer yet is asked again by its check's own tries.
  const started = performance.now();
  const health = options.check === false || !succeeded(run) ? undefined : await checkRollback(plan);
  const report = health && reportOf(health, (performance.now() - started) / 1000);
  const rebuilt = await rebuiltBy(plan);
  if (context.json)
    printJson({
      ok: succeeded(run) && report?.verdict !== "fail",
      run: run.run,
      ...summary,
      to,
      losses: plan.losses,
      left: plan.left,
      rebuilt,
      ...(health ? { health: { ...report, results: health } } : {}),
    });
  else {
    print(renderSummary(summary, true));
    if (health && report) print(renderHealth(health, report, undefined));
  }
  if (rebuilt.length > 0) say(`built anew, since the old deployment was gone: ${some(rebuilt)}`);
  if (!succeeded(run)) {
    process.exitCode ||= 1;
    say(`what is left: sitefleet rollback --resume ${run.run}`);
  } else if (report?.verdict === "fail") {
    process.exitCode ||= 1;
    say("everything went back, and some sites do not answer as they should: sitefleet health");
  } else say("the next preview shows how the catalog differs from what is live now");
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

async function show(context: Context, plan: PlannedRollback, options: RollbackCommand): Promise<number> {
  const [preview, looked] = await Promise.all([previewRollback(context, plan, options), lookBefore(plan)]);
  const losses = [...plan.losses, ...looked];
  const set = changeSetOf(preview);
  if (context.json) printJson({ ...set, losses, to: plan.aims.map(({ stack, to }) => ({ stack, version: to })) });
  else {
    const text = renderChangeSet({ ...set, undo: undefined }, "terminal");
    (options.preview ? print : say)(text.trimEnd());
    for (const { stack, goals, from } of plan.targets)
      for (const { hosts, to } of goals) say(`${hosts ? some(hosts) : stack}: from version ${from} to ${to}`);
    for (const line of lossLines(losses)) say(forData.yellow(line));
  }
  if (!succeeded(preview)) throw new SitefleetError({ code: "preview.failed", message: "the preview failed" });
  return changesOf(preview.results);
}

/** @throws SitefleetError `rollback.loss` unless it was accepted */
function accept(losses: readonly Loss[], { acceptLoss, yes }: RollbackCommand): void {
  const lost = losses.filter(({ kind }) => kind === "lost");
  if (lost.length === 0 || acceptLoss || (!yes && process.stdin.isTTY)) return;
  throw new SitefleetError({
    code: "rollback.loss",
    message: "something would stay lost; nothing was changed",
    details: lossLines(lost),
    hint: "--accept-loss goes back all the same",
  });
}

function lossLines(losses: readonly Loss[]): string[] {
  const byReason = Map.groupBy(losses, ({ reason }) => reason);
  return [...byReason].map(([reason, list]) => `${some(list.map(({ name }) => name))}: ${reason}`);
}

/** The first of many names, and how many more there are. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  return `${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`;
}

/** Shows what it would do and asks. @throws SitefleetError `usage` without a terminal */
async function agreed(context: Context, plan: PlannedRollback, options: RollbackCommand): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new SitefleetError({
      code: "usage",
      message: "there is no terminal to ask at",
      hint: "look at `sitefleet rollback --preview`, then run it with --yes",
    });
  }
  if ((await show({ ...context, json: false }, plan, options)) === 0) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Go back? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}

/** @throws SitefleetError `usage` without a stack */
async function listVersions(context: Context, { stack = [] }: RollbackCommand): Promise<void> {
  if (stack.length === 0) throw new SitefleetError({ code: "usage", message: "--list takes --stack" });
  const all = await Promise.all(
    stack.map(async (name) => {
      const versions = await stackVersions(name);
      return Promise.all(
        versions.map(async (one) => {
          const { startedAt, succeeded: ok } = await one.record();
          const whole = (await wholeState(one)) !== undefined;
          return { stack: name, version: one.version, startedAt: new Date(startedAt).toISOString(), ok, whole };
        }),
      );
    }),
  );
  const rows = all.flat();
  if (context.json) printJson(rows);
  else {
    const cells = rows.map(({ stack, version, startedAt, ok, whole }) => [
      stack,
      version,
      startedAt,
      ok ? "ok" : "failed",
      whole ? "yes" : "no",
    ]);
    print(table([["stack", "version", "started", "result", "restorable"], ...cells]));
  }
}
