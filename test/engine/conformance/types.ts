import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Values } from "./values.ts";
import type { World } from "./world.ts";

export type { Values } from "./values.ts";

/** What the engine does with a resource that changed. */
type Change = "same" | "update" | "replace, create first" | "replace, delete first";

/** One input given another value, and what must come of it. */
interface ChangeRow {
  /** Unique within the type; part of the resource's logical name. */
  readonly name: string;
  /** Inputs that differ from the base; undefined takes one away. */
  readonly to: Values | ((world: World) => Values);
  /** Inputs of the first version that differ from the base. */
  readonly from?: Values | ((world: World) => Values);
  readonly becomes: Change;
  /** Options of this resource, where it only works with them. */
  readonly options?: CustomResourceOptions;
  /** Outputs that the preview of an update must show as unknown. */
  readonly unknown?: readonly string[];
  /** Outputs after the update. */
  readonly outputs?: Values;
  /** Property paths that a review of the update lists, as `fleet/engine/diffs.ts` reads them. @default not looked at */
  readonly tells?: readonly string[];
}

/** Inputs that must be refused before anything is called. */
interface InvalidRow {
  readonly name: string;
  readonly with: Values;
  /** In the failure's text. */
  readonly says: RegExp;
}

/** Something that happens outside, then `pulumi refresh`, then a preview with the program as it was. */
interface DriftRow {
  readonly name: string;
  /** Inputs that differ from the base. */
  readonly from?: Values;
  readonly happens: (world: World, resource: Known) => Promise<unknown>;
  /** What the next preview does. `create`: the refresh took it out of the state. */
  readonly next: Change | "create";
  /** Options of this resource, e.g. what it ignores. */
  readonly options?: CustomResourceOptions;
  /** Inputs that are changed afterwards, which is an update. @default none */
  readonly to?: Values;
  /** What the vendor must show after that update: what happened by hand is still there. @default not looked at */
  readonly stays?: (world: World, resource: Known) => Promise<unknown>;
}

/** A resource as the engine knows it. */
export interface Known {
  readonly id: string;
  readonly outputs: Values;
}

/** What both the stand-in and the real plugin must do for one resource type. */
export interface TypeRow {
  readonly type: string;
  /** Inputs that are enough. `tag` is unique for each resource made, for names that must differ. */
  readonly inputs: (world: World, tag: string) => Values;
  /** Options that the type's SDK class always sets. @default none */
  readonly options?: CustomResourceOptions;
  /** Left out, all of them are named when it is refused. */
  readonly required: readonly string[];
  /** Inputs given all the same when the required ones are left out, where other rules would answer first. */
  readonly requiredWith?: Values;
  readonly invalid?: readonly InvalidRow[];
  /** Outputs after create, as far as they are fixed. Regular expressions match text. */
  readonly outputs?: Values;
  /** Unknown in the preview of a create. */
  readonly unknown: readonly string[];
  /** Outputs that the state holds encrypted. */
  readonly secret?: readonly string[];
  readonly changes: readonly ChangeRow[];
  readonly drifts?: readonly DriftRow[];
  /** The id to import by; undefined where the type has no import. */
  readonly importId?: (known: Known) => string;
  /** Inputs that an import cannot know; the first `up` after it updates them. */
  readonly importForgets?: readonly string[];
  /** Fails in `up` although the preview passes. */
  readonly failsLate?: readonly InvalidRow[];
  /** What is left at the vendor after destroy. @default nothing */
  readonly stays?: boolean;
}

/** All types of a provider, and how its vendor is started. */
export interface ProviderTable {
  readonly provider: string;
  /** The plugin version whose behaviour the rows state. */
  readonly version: string;
  readonly world: () => Promise<World>;
  readonly types: readonly TypeRow[];
  /** Looks at what the vendor saw, after everything is destroyed. */
  readonly afterwards?: (world: World) => Promise<void>;
}
