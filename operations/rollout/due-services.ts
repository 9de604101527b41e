import { SitefleetError } from "../../errors/index.ts";
import { type DeployedService, deployedOf } from "../../fleet/backend/states/checkpoint.ts";
import { readState } from "../../fleet/backend/states/versions.ts";
import type { Session } from "../../fleet/run/session.ts";
import { type DeployDocument, planAll, status } from "../../plesk/index.ts";
import { specDigest } from "../../plesk/spec.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Tools } from "../kit/operation.ts";
import { noticesOnly } from "../plesk/services/notices.ts";
import { openDocuments } from "../plesk/services/targets.ts";

/**
 * Whether an update would deploy a service: it is asked for something else than the last time. One that was rolled back by hand is not due:
 * nothing else is declared. Pure.
 *
 * @param noted what its stack's last update noted; undefined: it was never deployed
 */
export function isDue(document: DeployDocument, noted: DeployedService | undefined): boolean {
  if (noted === undefined) return true;
  // Earlier versions named artifacts by another path; the name alone deploys nothing.
  const dir = noted.artifact ?? document.artifact.dir;
  const asNoted = { ...document, artifact: { ...document.artifact, dir } };
  return ![document, asNoted].some((one) => specDigest(one) === noted.spec);
}

/**
 * The services that a rollout brings: those whose deployment is due, where rollout.yaml declares their wave. Their hosts are asked what
 * it would do. A stack of services that was never brought up is left to `up`, which makes its records as well.
 *
 * @returns keys in the catalog's order
 * @throws SitefleetError `plesk.refused` with every reason of every service; `plesk.*` of a host that cannot be asked
 */
export async function dueServices(
  { estate, emit, signal }: Pick<Tools<FleetEvent>, "estate" | "emit" | "signal">,
  session: Session,
): Promise<string[]> {
  const { rollout } = session.inputs.catalog;
  const there = session.infos.get(PLESK_STACK)?.resources;
  if (rollout.services === undefined || !there || session.choice.retired.has(PLESK_STACK)) return [];
  if (!session.open.includes(PLESK_STACK)) return [];
  const noted = deployedOf((await readState(PLESK_STACK)).resources);
  const { targets } = await openDocuments({ estate, emit: noticesOnly(emit) }, [], { databases: "required" });
  const due = targets.filter((document) => isDue(document, noted[document.service.key]));
  if (due.length === 0) return [];
  const details: string[] = [];
  for (const outcome of await planAll(due, { signal })) {
    if (!outcome.ok) throw outcome.error;
    details.push(...outcome.value.refusals.map(({ message }) => `${outcome.service}: ${message}`));
  }
  if (details.length > 0)
    throw new SitefleetError({
      code: "plesk.refused",
      message: `services of the rollout would be refused for ${details.length === 1 ? "a reason" : `${details.length} reasons`}`,
      details,
      hint: "nothing was changed; docs/reference/services.md explains each code, and --no-services leaves the services alone",
    });
  const others = targets.filter((document) => !due.includes(document));
  for (const outcome of await status(others, { signal })) {
    const wanted = others.find(({ service }) => service.key === outcome.service)?.artifact.digest;
    if (outcome.ok && outcome.value.live !== null && outcome.value.live !== wanted)
      emit({
        event: "notice",
        text: `${outcome.service} serves another release than is declared: the rollout leaves it so`,
      });
  }
  return due.map(({ service }) => service.key);
}
