import type { ProviderResource } from "@pulumi/pulumi";
import type { StackKind } from "./calls.ts";
import type { Refusals } from "./refusals.ts";

/** A plain value of the stacks' configuration that a vendor is set up with: `sitefleet:KEY`. */
export interface Setting {
  readonly key: string;
  /** What it is, for the person who has to set it. */
  readonly hint: string;
  /** Kinds of stack whose program reads it: a change of it is a change of theirs. */
  readonly stacks: readonly StackKind[];
  /** `always`: these stacks cannot do without it; `new-zones`: only where the vendor makes a zone. @default they can */
  readonly required?: "always" | "new-zones";
  /** What is wrong with a value, to complete "sitefleet:KEY …". Pure. @default nothing */
  check?(value: string): string | undefined;
}

/** The settings by key; what is not set is undefined. */
export type SettingValues = Readonly<Record<string, string | undefined>>;

/** What a provider works on, as far as the catalog says it. */
export interface ProviderScope {
  /** User or organisation that owns the repository whose environment holds the secrets. */
  readonly owner?: string;
}

/** One of a vendor's Pulumi providers. */
export interface VendorProvider {
  /**
   * Makes it; its SDK is loaded only then. Token and address come from the environment, never from a resource's inputs: so they
   * are in no state file, and a stack's state does not depend on the person who runs it.
   */
  make(name: string, settings: SettingValues, scope: ProviderScope): Promise<ProviderResource>;
  /**
   * The engine can repeat steps that failed at the vendor. False for a provider that repeats on its own or whose failures are verdicts,
   * and for transactions that a person looks at first.
   */
  readonly again: boolean;
  /** Every create of its types can be done again and gives the same, see `ResourceType.repeatable`. @default false */
  readonly repeatable?: boolean;
  /** What its errors say of the vendor's answer. @default nothing */
  readonly refusals?: Refusals;
  /** Its plugin is in this project and need not be installed. @default false */
  readonly bundled?: boolean;
}

/** How a vendor is told who calls. */
export interface Credentials {
  /** Environment variable with the token, as it is asked for. */
  readonly variable: string;
  /** What is wrong with the form of a token, to complete "VARIABLE …". Pure. @default nothing */
  check?(token: string): string | undefined;
  /** Others that do as well, each set as a whole. @default none */
  readonly instead?: readonly (readonly string[])[];
  /** A program that the provider asks where it is installed. @default none */
  readonly program?: string;
}
