import { randomBytes } from "node:crypto";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { changeObject, type Store } from "../backend/store/store.ts";
import { acknowledge, close, observe, repeat, type Turn } from "./machine.ts";
import { type Incident, incidentSchema, type Observation, type Told } from "./types.ts";

const KEY = "incidents.json";
/** Closed incidents that are kept, the newest. */
const MOST_CLOSED = 200;

const bookSchema = z.object({ version: z.literal(1), incidents: z.array(incidentSchema) });

function parse(text: string | undefined): Incident[] {
  if (text === undefined) return [];
  try {
    return bookSchema.parse(JSON.parse(text)).incidents;
  } catch (error) {
    // What this version does not know must not be overwritten.
    throw new SitefleetError({
      code: "incident.unreadable",
      message: "the incidents are damaged, or of a later version",
      subject: KEY,
      hint: "update sitefleet; else move the object away: what still holds is raised again",
      cause: error,
    });
  }
}

function textOf(incidents: readonly Incident[]): string {
  const closed = incidents.filter(({ state }) => state === "closed");
  const dropped = new Set(closed.slice(0, Math.max(0, closed.length - MOST_CLOSED)));
  return JSON.stringify({ version: 1, incidents: incidents.filter((one) => !dropped.has(one)) });
}

/** All incidents that are kept, oldest first. @throws SitefleetError `store.unreachable`, `incident.unreadable` */
export const readIncidents = async (store: Store): Promise<Incident[]> => parse((await store.get(KEY))?.text);

const turn = <Result>(
  store: Store,
  take: (incidents: Incident[]) => { turn: Turn | undefined; result: Result },
): Promise<Result> =>
  changeObject(store, KEY, (text) => {
    const before = parse(text);
    const { turn: taken, result } = take(before);
    const changed = taken?.incidents.some((one, index) => one !== before[index]);
    return { text: taken && changed ? textOf(taken.incidents) : undefined, result };
  });

/**
 * Takes what was seen, and repeats what is due. Two processes that see the same raise it once: the object decides.
 *
 * @param repeatMs told again after so long
 */
export function takeObservations(
  store: Store,
  seen: readonly Observation[],
  repeatMs: number,
  now: number,
): Promise<readonly Told[]> {
  const newId = () => `incident-${new Date(now).toISOString().slice(0, 10)}-${randomBytes(3).toString("hex")}`;
  return turn(store, (incidents) => {
    const first = observe(incidents, seen, { now, repeatMs, newId });
    const second = repeat(first.incidents, { now, repeatMs });
    return { turn: second, result: [...first.told, ...second.told] };
  });
}

/** A person acknowledges or closes an incident. Undefined when there is no such open one. */
export function setIncident(
  store: Store,
  want: "acknowledge" | "close",
  id: string,
  by: string,
  text: string,
  now: number,
): Promise<readonly Told[] | undefined> {
  return turn(store, (incidents) => {
    const taken = (want === "close" ? close : acknowledge)(incidents, id, by, text, now);
    return { turn: taken, result: taken?.told };
  });
}
