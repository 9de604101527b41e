import { SitefleetError } from "../../../errors/index.ts";
import type { Damage } from "./read-state.ts";

/** A copy of a state that is whole. */
export interface Copy {
  /** Path, key or row. */
  readonly place: string;
  /** Time of its last write as the engine wrote it; empty when it holds none. */
  readonly time: string;
  /** Its resources, the stack itself and providers included. */
  readonly resources: number;
}

/** What a message about a damaged state says beside what is wrong. */
export interface DamageNews {
  readonly stack: string;
  /** Path, key or row of the state. */
  readonly place: string;
  readonly damage: Damage;
  /** Whole copies, the newest first. */
  readonly copies: readonly Copy[];
  /** Newest entry of the stack's history, and how many there are. @default none */
  readonly history?: { readonly place: string; readonly entries: number };
  /** Locks of the engine on it. @default none */
  readonly locks?: readonly string[];
  /** Command that puts the newest copy in place; undefined where there is none or it is the same for no shell. */
  readonly wayBack?: string | undefined;
  /** `up` puts the newest copy in place by itself. */
  readonly mendedByUp: boolean;
}

/** The error `state.damaged`: place, what is wrong, what is whole, and the way back. Pure. */
export function stateDamaged(news: DamageNews): SitefleetError {
  const { stack, place, damage, copies, history, locks = [], wayBack, mendedByUp } = news;
  const details = [
    `state: ${place}`,
    ...copies.slice(0, 2).map(({ place: copy, time, resources }) => `whole: ${copy} (${resources} resources, ${time})`),
    ...(history ? [`history: ${history.entries} entries, the last is ${history.place}`] : []),
    ...locks.map((lock) => `locked: ${lock}`),
  ];
  return new SitefleetError({
    code: "state.damaged",
    message: `its state ${damage.says}`,
    subject: stack,
    details,
    hint: hintOf(damage, wayBack, mendedByUp, copies.length > 0),
  });
}

function hintOf({ kind }: Damage, wayBack: string | undefined, mendedByUp: boolean, copied: boolean): string {
  if (mendedByUp) return `sitefleet up puts the newest whole copy in its place; by hand: ${wayBack ?? "copy it there"}`;
  if (kind === "older" && wayBack !== undefined)
    return `${wayBack}; or, if the older one is meant: pulumi refresh makes it the newest`;
  if (wayBack !== undefined) return wayBack;
  if (copied) return "put the newest whole copy in its place, then run this again";
  return kind === "gone"
    ? "restore the state from a backup of the backend; if the stack never held anything, remove what is left of it"
    : "restore the state from a backup of the backend; a stack that begins anew would make everything twice";
}
