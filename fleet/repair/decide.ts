import type { Found } from "../../vendors/live.ts";
import type { Outcome } from "../engine/repair-report.ts";
import type { Operation } from "./state.ts";

/** All that a decision rests on. */
export interface Facts {
  readonly operation: Operation;
  /**
   * `repeat`: doing it again gives the same (PUT, PATCH, deterministic); `look-up`: the vendor is asked; `unknown`: no
   * rule for this type.
   */
  readonly policy: "repeat" | "look-up" | "unknown";
  /** Updates: the state's entry is compared with what is live, whatever the policy. @default false */
  readonly compare?: boolean;
  /** Id of the entry with the same URN that is in the state and not marked for deletion. */
  readonly stateId: string | undefined;
  /** Creates: what the vendor has under the resource's identity, newest first; undefined when it has no identity. */
  readonly found: readonly Found[] | undefined;
  /** Who else has an object in a state: id → stack or resource. */
  readonly holders: ReadonlyMap<string, string>;
  /** Deletes: whether the object is still there; undefined when the vendor did not tell. */
  readonly exists?: boolean | undefined;
  /** Deletes: other resources of the state still refer to it. */
  readonly needed: boolean;
}

/** What to do. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string;
  /** The object to take into the state. */
  readonly adopt?: Found;
  /** The state's entry is compared with what is live before it is used again. */
  readonly refresh?: boolean;
  readonly hint?: string;
  readonly id?: string;
}

/**
 * Decides what becomes of an interrupted operation. Pure.
 *
 * Never adopts an object that another resource holds or that is not ours. Never forgets an object of ours that is in no state.
 */
export function decide(facts: Facts): Verdict {
  switch (facts.operation) {
    case "creating":
      return decideCreate(facts);
    case "deleting":
      return decideDelete(facts);
    case "updating":
      // Half an update may have been made: the old entry could name parts that are gone.
      return {
        outcome: "cleared",
        reason: "the state keeps what it had; the next update compares and repeats",
        refresh: facts.policy === "look-up" || facts.compare === true,
      };
    case "importing":
    case "reading":
      return { outcome: "cleared", reason: "nothing was changed by it; it is repeated" };
  }
}

function decideCreate(facts: Facts): Verdict {
  const { policy, stateId, found, holders } = facts;
  if (policy === "repeat") return { outcome: "forgotten", reason: "making it again gives the same" };
  if (policy === "unknown" || found === undefined) {
    return {
      outcome: "kept",
      reason: policy === "unknown" ? "no rule says how to look for this type" : "its properties identify no object",
      hint: "look at the vendor, then `pulumi refresh --import-pending-creates URN ID` or `--clear-pending-creates`",
    };
  }
  const others = found.filter(({ id }) => id !== stateId);
  const free = others.filter(({ ours, id }) => ours && !holders.has(id));
  const ready = free.find(({ state = "ready" }) => state === "ready");
  if (ready) return { outcome: "adopted", reason: `it ${ready.why}`, adopt: ready, id: ready.id };
  const building = free.find(({ state }) => state === "building");
  if (building) {
    return {
      outcome: "kept",
      reason: "it exists and is still being built",
      hint: "run the repair again when the build has ended",
      id: building.id,
    };
  }
  const blocking = others.find(({ ours, id, unique }) => unique && (!ours || holders.has(id)));
  if (blocking) return refuse(blocking, holders.get(blocking.id));
  if (others.length < found.length) {
    return { outcome: "cleared", reason: "it is in the state already", refresh: true };
  }
  if (free.length > 0) return { outcome: "forgotten", reason: "it was made and failed; it is made again" };
  return { outcome: "forgotten", reason: "it was never made" };
}

function refuse(found: Found, holder: string | undefined): Verdict {
  return {
    outcome: "refused",
    reason: holder === undefined ? `it ${found.why}` : `it is held by ${holder}`,
    hint:
      holder === undefined
        ? "rename or remove the object at the vendor, or declare another name"
        : "let that stack go first (run it), or declare another name",
    id: found.id,
  };
}

function decideDelete({ exists, needed, policy }: Facts): Verdict {
  if (exists === false && !needed) return { outcome: "removed", reason: "it is gone" };
  if (exists === false) {
    return { outcome: "cleared", reason: "it is gone, but other resources of the state still refer to it" };
  }
  const reason = exists === true ? "it is still there; the next update deletes it" : "the next update deletes it";
  return { outcome: "cleared", reason: policy === "repeat" ? "deleting it again is harmless" : reason };
}
