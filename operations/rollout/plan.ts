import { SitefleetError } from "../../errors/index.ts";
import { planRollout, type RolloutRecord } from "../../fleet/releases/rollout/index.ts";
import { checkNeeds } from "../../fleet/run/needs/index.ts";
import { clearRun, type Finding, lookAhead } from "../../fleet/run/preflight/index.ts";
import { runFleet } from "../../fleet/run/run.ts";
import type { Session } from "../../fleet/run/session.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { gateRun, type PassedRun } from "../fleet/gate-run.ts";
import { previewOver, tuning } from "../fleet/over.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { AllowInput } from "../kit/fields.ts";
import type { Tools } from "../kit/operation.ts";
import { overStacks } from "../kit/watch.ts";
import { dueServices } from "./due-services.ts";
import type { RolloutInput } from "./input.ts";
import { latestRollout, openFiles, openRollout, refuseSecond } from "./open.ts";

/** Plans a rollout of the sites that differ and of the services that are due. Reads only. @throws those of its parts */
export async function plannedRollout(
  tools: Pick<Tools<FleetEvent>, "estate" | "emit" | "signal">,
  session: Session,
  {
    allow,
    services = true,
  }: { readonly allow?: readonly string[] | undefined; readonly services?: boolean | undefined } = {},
): Promise<RolloutRecord | undefined> {
  return planRollout(session, { allow, services: services ? await dueServices(tools, session) : [] });
}

/** Services that a rollout brings; undefined: none, and nothing of their stack. Pure. */
export function servicesOf({ waves }: Pick<RolloutRecord, "waves">): string[] | undefined {
  const found = waves.flatMap(({ services = [] }) => services);
  return found.length > 0 ? found : undefined;
}

/**
 * Plans a rollout of all that differs, and tells what the preflight finds. Changes nothing.
 *
 * @param clear judge it as before its first wave: with previews where they are needed, and refuse; else only tell
 * @returns undefined when no site or service differs
 * @throws SitefleetError `rollout.unfinished`, `rollout.unknown`, `release.bad`; with `clear` `preflight.refused`,
 * `preview.failed`
 */
export async function planWaves(
  tools: Tools<FleetEvent>,
  input: Pick<RolloutInput, "allow" | "concurrency" | "parallel"> & { readonly services?: boolean | undefined },
  clear: boolean,
): Promise<RolloutRecord | undefined> {
  refuseSecond(await latestRollout(await openFiles()));
  const session = await openRollout(tools.estate);
  const record = await plannedRollout(tools, session, input);
  if (record === undefined) return undefined;
  const findings = clear
    ? await clearRollout(tools, session, record, input)
    : (await lookAhead(session, lookOf(record))).findings;
  tools.emit({ event: "findings", findings: [...findings] });
  return record;
}

/**
 * Holds a whole rollout against the gates: what is approved is what a preview of all its stacks finds, and the waves carry out the
 * target that was previewed.
 *
 * @throws SitefleetError `gate.stopped`, `approval.*`, `rollout.catalog` when the catalog is not the one that was planned
 */
export async function gateRollout(
  tools: Tools<FleetEvent>,
  record: RolloutRecord,
  input: RolloutInput & Pick<AllowInput, "hotfix" | "approval">,
): Promise<PassedRun | undefined> {
  const session = await openRollout(tools.estate);
  const stacks = Object.keys(record.target);
  const passed = await gateRun({
    session,
    operation: "rollout",
    stacks,
    services: servicesOf(record),
    input,
    preview: () => previewOver(tools, input, { ...session, open: stacks }, { services: servicesOf(record) }),
    emit: tools.emit,
  });
  if (passed === undefined) return undefined;
  for (const [stack, state] of Object.entries(record.target)) {
    if (canonicalJson(await session.inputs.state(stack)) !== canonicalJson(state))
      throw new SitefleetError({
        code: "rollout.catalog",
        message: "the catalog has changed since the rollout was planned",
        subject: stack,
        hint: "plan it again: sitefleet rollout",
      });
  }
  return passed;
}

const lookOf = (record: RolloutRecord) => ({
  stacks: Object.keys(record.target),
  services: servicesOf(record),
  rules: { allow: record.allow ?? [] },
});

/** Judges a rollout as a whole before its first wave. */
async function clearRollout(
  tools: Tools<FleetEvent>,
  session: Session,
  record: RolloutRecord,
  { concurrency, parallel }: Pick<RolloutInput, "concurrency" | "parallel">,
): Promise<readonly Finding[]> {
  const { catalogDir, configFile } = tools.estate;
  const look = lookOf(record);
  await checkNeeds(session, look.stacks);
  const { findings, failed } = await clearRun(session, look, (stacks) =>
    overStacks(tools, stacks.length, (observer, signal) =>
      runFleet({
        operation: "preview",
        stacks,
        existing: new Set(session.infos.keys()),
        retired: session.choice.retired,
        catalogDir,
        inputs: session.inputs,
        configFile,
        services: look.services,
        ...tuning({ concurrency, parallel }),
        observer,
        signal,
      }),
    ),
  );
  if (failed.length === 0) return findings;
  throw new SitefleetError({
    code: "preview.failed",
    message: "the preview failed, so it is not known what the rollout would take away; nothing was changed",
    details: failed.flatMap(({ stack, errors }) => errors.map((error) => `${stack}: ${error}`)),
  });
}
