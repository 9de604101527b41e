import { SitefleetError } from "../../../errors/index.ts";
import type { Deployment, Operation, Resource, Snippet } from "./deployment.ts";

/** Kinds of entries by their numbers (pulumi's sdk/go/common/apitype/journal.go, 3.276). */
export const KIND = {
  begin: 0,
  success: 1,
  failure: 2,
  refreshSuccess: 3,
  outputs: 4,
  write: 5,
  secretsManager: 6,
  rebuiltBaseState: 7,
  extensionParameterize: 8,
  snippets: 9,
} as const;

/** What to do where the engine's journal of steps cannot be followed. */
const HINT = "turn the engine's journal off (SITEFLEET_ENGINE_JOURNAL=off), and update sitefleet";

/**
 * A step of an engine, as it sends it (apitype.JournalEntry). `…Old` is the place of a resource in the base state; `…New` is the
 * operation of this update that brought it.
 */
export interface Entry {
  readonly version: number;
  readonly kind: number;
  readonly sequenceID: number;
  readonly operationID: number;
  readonly removeOld?: number | null;
  readonly removeNew?: number | null;
  readonly pendingReplacementOld?: number | null;
  readonly pendingReplacementNew?: number | null;
  readonly deleteOld?: number | null;
  readonly deleteNew?: number | null;
  readonly state?: Resource | null;
  readonly operation?: Operation | null;
  readonly isRefresh?: boolean;
  readonly secretsProvider?: unknown;
  readonly snippets?: readonly Snippet[] | null;
  readonly newSnapshot?: Deployment | null;
  readonly extensionRef?: string | null;
  readonly extension?: unknown;
  /** A secret of it holds bytes that are no text: such a state needs the feature `byteString`. */
  readonly requiresByteString?: boolean;
}

/** The error for an entry of a form that this version does not know. Pure. */
export function unknownEntry(message: string, entry: Entry): SitefleetError {
  return new SitefleetError({ code: "state.steps", message, subject: `step ${entry.sequenceID}`, hint: HINT });
}
