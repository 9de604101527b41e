import type { StackState } from "../../stacks/desired.ts";
import type { Program } from "../../stacks/program.ts";
import type { SiteTargets } from "../../stacks/site-targets.ts";
import type { Adopted } from "./adoption/create.ts";
import type { StackInfo } from "./list-stacks.ts";
import type { Outcome } from "./outcome.ts";
import type { RepairReport } from "./repair-report.ts";

/** What can be done to a stack. */
export type Operation = "preview" | "up" | "refresh" | "destroy";

/** One operation on one stack. */
export interface Job {
  readonly stack: string;
  readonly operation: Operation;
  /** Configuration file that all stacks share. */
  readonly configFile: string;
  /** Whether the backend has the stack already. */
  readonly exists: boolean;
  /** Whether the backend has the shared stack, whose outputs others read. @default not known */
  readonly shared?: boolean;
  /** Resource operations at once inside the stack. @default 16 (the engine's own) */
  readonly parallel?: number;
  /** Compare with what is live as well. @default false */
  readonly refresh?: boolean;
  /** Go on with other resources when one has failed. @default false */
  readonly keepGoing?: boolean;
  /** File that a preview writes the engine's plan to, and that an update holds itself to. @default none */
  readonly plan?: string;
  /** What the stack is to be, in place of what the catalog says: a rollback. @default the catalog's */
  readonly desired?: StackState;
  /** What its resources are held against. @default nothing with `desired`, else the catalog's */
  readonly policies?: Program["policies"];
  /** The catalog has nothing for this stack any more: an update empties and removes it. @default false */
  readonly retire?: boolean;
  /** Only what belongs to these services of the Plesk stack. @default everything */
  readonly services?: readonly string[];
  /** Only these sites of a cell. @default everything */
  readonly sites?: SiteTargets;
  /**
   * Digest of the state that the stack's last update left: where it is that, a resource whose declaration is unchanged is unchanged.
   * @default each resource's plugin is asked
   */
  readonly settled?: string | undefined;
  /** The same is declared as in the stack's last update. @default not known */
  readonly still?: boolean | undefined;
  /** The result brings the state that was left, where a working copy has it at hand. @default false */
  readonly tellState?: boolean;
  /** Takes these objects, which exist, into the state, and writes nothing at any vendor; only of an `up`. @default it makes what is declared */
  readonly adopt?: readonly Adopted[];
}

/** The result of a job: what happened, and whether the stack is as declared now. */
export interface JobResult extends Outcome {
  readonly stack: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  /** What was taken over after creates had failed because the vendor has the object already. */
  readonly repaired?: RepairReport;
  /** The stack as the working copy has left it in a bucket or table. @default not known */
  readonly info?: StackInfo;
  /** That state as the engine wrote it, see {@link Job.tellState}. */
  readonly state?: string;
  /** Attempts that it took; absent when the first was enough or none was worth repeating. */
  readonly attempts?: number;
}
