import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { type Incident, incidentMessage, setIncident, type Told } from "../../fleet/incidents/index.ts";
import { whoRuns } from "../../fleet/run/preflight/who.ts";
import { readNotify } from "../../model/index.ts";
import { withoutSecretsOf } from "../kit/secrets.ts";
import { keptIn } from "../notify/declared.ts";

/** Tells receivers, where there are any, what became of incidents. */
export async function tellOf(catalogDir: string, store: Store, told: readonly Told[], now: number): Promise<void> {
  const receivers = readNotify(catalogDir)?.receivers ?? [];
  if (receivers.length === 0 || told.length === 0) return;
  const { Notifier } = await import("../../fleet/notify/index.ts");
  const notifier = new Notifier({ receivers, env: environment(), store });
  for (const one of told) notifier.post(incidentMessage(one, now));
  await notifier.close();
}

/**
 * What a person does about an incident.
 *
 * @throws SitefleetError `incident.unknown`, `store.unreachable`
 */
export async function act(
  want: "acknowledge" | "close",
  catalogDir: string,
  id: string,
  text: string,
): Promise<Incident> {
  const store = await keptIn();
  const now = Date.now();
  const told = await setIncident(store, want, id, whoRuns(), plainLine(withoutSecretsOf(environment())(text)), now);
  if (told === undefined) throw unknownIncident(id);
  await tellOf(catalogDir, store, told, now);
  const { readIncidents } = await import("../../fleet/incidents/index.ts");
  return (await readIncidents(store)).find((one) => one.id === id) as Incident;
}

/** The error for an id that is no open incident's. */
export const unknownIncident = (id: string): SitefleetError =>
  new SitefleetError({
    code: "incident.unknown",
    message: "there is no such incident, or it is closed",
    subject: id,
    hint: "sitefleet incident list shows those that are open",
  });
