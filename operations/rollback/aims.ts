import { SitefleetError } from "../../errors/index.ts";
import { listRuns, type RunRecord, readRun } from "../../fleet/backend/journal/journal.ts";
import { formerStacks, type RollbackAim, rollbackAims, stackVersions } from "../../fleet/releases/rollback/index.ts";
import { asRun, isUnfinished, rolloutFiles } from "../../fleet/releases/rollout/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import type { BackInput } from "./input.ts";

/**
 * What each stack is to go back to, as it was asked for.
 *
 * @throws SitefleetError `usage`, `run.unknown`, `rollout.unfinished`
 */
export async function aimsOf(
  session: Session,
  { resume, site, stack, run, to }: BackInput,
): Promise<readonly RollbackAim[]> {
  if (resume !== undefined) {
    const { aims, done } = readRun(session.folders.runs, resume);
    if (aims) return aims.filter((aim) => !done.includes(aim.stack));
    throw new SitefleetError({
      code: "run.unknown",
      message: "this run was no rollback",
      subject: resume,
      hint: "sitefleet up --resume goes on with it",
    });
  }
  return rollbackAims(session.inputs.catalog, {
    gone: await stacksOfGone(session, site ?? []),
    stacks: stack,
    hosts: site,
    run: run === undefined ? undefined : await runOf(session, run),
    to,
  });
}

/** A run, or a rollout as one. */
async function runOf({ folders, store }: Session, id: string): Promise<RunRecord> {
  const runs = listRuns(folders.runs);
  const record = runs.some(({ run }) => run === id) ? undefined : await rolloutFiles(folders.state, store).read(id);
  if (record === undefined) return readRun(folders.runs, id);
  if (isUnfinished(record)) {
    throw new SitefleetError({
      code: "rollout.unfinished",
      message: `this rollout is not over: ${record.status}`,
      subject: id,
      hint: "sitefleet rollout abort takes back what it has brought",
    });
  }
  const whole = asRun(record, runs);
  if (whole) return whole;
  const message = "this rollout has changed nothing, or the journals of its runs are gone";
  throw new SitefleetError({ code: "run.unknown", message, subject: id });
}

/** Where hosts were that the catalog has no more: their tags, which may have put them elsewhere, went with them. */
async function stacksOfGone({ inputs, infos }: Session, hosts: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const declared = new Set(inputs.catalog.sites.map(({ host }) => host));
  for (const host of hosts.filter((one) => !declared.has(one))) {
    for (const stack of formerStacks(inputs.catalog, host).filter((one) => infos.has(one)))
      if (!found.has(host) && (await everHad(stack, host))) found.set(host, stack);
  }
  return found;
}

async function everHad(stack: string, host: string): Promise<boolean> {
  for (const { desired } of await stackVersions(stack)) {
    const state = await desired();
    if (state?.kind === "cell" && state.sites.some((site) => site.host === host)) return true;
  }
  return false;
}
