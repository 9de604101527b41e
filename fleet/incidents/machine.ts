import type { Incident, Observation, Told } from "./types.ts";

/** Lines of a timeline; the first ones stay, the middle goes. */
const LONGEST = 100;

/** The incidents after something, and what is to be told of them. */
export interface Turn {
  readonly incidents: readonly Incident[];
  readonly told: readonly Told[];
}

/** Where and when a turn is taken. `now`: ms since 1970. */
export interface When {
  readonly now: number;
  /** Told again after so long, ms. */
  readonly repeatMs: number;
  /** A new incident's id. */
  newId(): string;
}

const isOpen = ({ state }: Incident): boolean => state !== "closed";
const iso = (now: number): string => new Date(now).toISOString();

function noted(
  incident: Incident,
  now: number,
  what: Incident["timeline"][number]["what"],
  text: string,
  by = "",
): Incident {
  const timeline = [...incident.timeline, { at: iso(now), what, by, text }];
  if (timeline.length > LONGEST) timeline.splice(10, timeline.length - LONGEST);
  return { ...incident, timeline };
}

/**
 * Takes what was seen. A cause raises one incident for its rule and scope; while it stays that one is kept up to date; when it is gone
 * the incident closes by itself. Pure.
 */
export function observe(incidents: readonly Incident[], seen: readonly Observation[], when: When): Turn {
  let all = [...incidents];
  const told: Told[] = [];
  for (const { rule, scope, firing, sentence, evidence } of seen) {
    const lies = evidence === undefined || evidence.length === 0 ? {} : { evidence: [...evidence] };
    const open = all.find((one) => isOpen(one) && one.rule === rule && one.scope === scope);
    if (open === undefined) {
      if (!firing) continue;
      const at = iso(when.now);
      const fresh: Incident = {
        id: when.newId(),
        rule,
        scope,
        state: "open",
        sentence,
        ...lies,
        raisedAt: at,
        lastToldAt: at,
        lastSeenAt: at,
        timeline: [{ at, what: "raised", by: "", text: sentence }],
      };
      all.push(fresh);
      told.push({ change: "raised", incident: fresh });
      continue;
    }
    const next = firing
      ? seenAgain({ ...open, ...lies }, sentence, when.now)
      : noted({ ...open, state: "closed", closedAt: iso(when.now) }, when.now, "closed", sentence);
    if (!firing) told.push({ change: "closed", incident: next });
    all = all.map((one) => (one === open ? next : one));
  }
  return { incidents: all, told };
}

function seenAgain(incident: Incident, sentence: string, now: number): Incident {
  const kept = { ...incident, sentence, lastSeenAt: iso(now) };
  return sentence === incident.sentence ? kept : noted(kept, now, "seen", sentence);
}

/** Tells again what is open, was told too long ago, and that no person has acknowledged. Pure. */
export function repeat(incidents: readonly Incident[], { now, repeatMs }: Pick<When, "now" | "repeatMs">): Turn {
  const told: Told[] = [];
  const all = incidents.map((one) => {
    if (one.state !== "open" || now - Date.parse(one.lastToldAt) < repeatMs) return one;
    const next = noted({ ...one, lastToldAt: iso(now) }, now, "repeated", "told again");
    told.push({ change: "repeated", incident: next });
    return next;
  });
  return { incidents: all, told };
}

/** A person has seen it: it is repeated no more, and stays until its cause is gone. Undefined when there is no such open incident. Pure. */
export function acknowledge(
  incidents: readonly Incident[],
  id: string,
  by: string,
  text: string,
  now: number,
): Turn | undefined {
  const one = openOne(incidents, id);
  if (one === undefined) return undefined;
  if (one.state === "acknowledged") return { incidents, told: [] };
  return turnOf(
    incidents,
    one,
    noted({ ...one, state: "acknowledged" }, now, "acknowledged", text, by),
    "acknowledged",
  );
}

/** A person closes it. When its cause is seen again, a new one is raised. Undefined when there is no such open incident. Pure. */
export function close(
  incidents: readonly Incident[],
  id: string,
  by: string,
  text: string,
  now: number,
): Turn | undefined {
  const one = openOne(incidents, id);
  if (one === undefined) return undefined;
  const closed = noted({ ...one, state: "closed", closedAt: iso(now) }, now, "closed", text, by);
  return turnOf(incidents, one, closed, "closed");
}

const openOne = (incidents: readonly Incident[], id: string): Incident | undefined =>
  incidents.find((incident) => incident.id === id && isOpen(incident));

const turnOf = (incidents: readonly Incident[], from: Incident, to: Incident, change: Told["change"]): Turn => ({
  incidents: incidents.map((one) => (one === from ? to : one)),
  told: [{ change, incident: to }],
});
