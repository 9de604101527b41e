import type { ScanContext } from "./inventory.ts";
import type { ReadClient, ReadOptions } from "./live.ts";

/** Something that a vendor says was done. */
export interface Happened {
  /** ISO 8601. */
  readonly at: string;
  /** A person's mail address or name, or what an application calls itself. */
  readonly who: string;
  /** In the vendor's words. */
  readonly what: string;
  /** Ids and names of what it was done to, as far as the vendor tells. */
  readonly about: readonly string[];
}

/** What a vendor tells of who has done what. */
export interface History {
  /** Where that is said, for people. */
  readonly source: string;
  /** How its API is read. Pure. */
  api(context: ScanContext): ReadOptions;
  /** What was done since a time, newest first. @throws SitefleetError `repair.vendor`, `adopt.answer` */
  read(client: ReadClient, since: Date): Promise<readonly Happened[]>;
}
