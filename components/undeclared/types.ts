/**
 * What the published provider sends for an input that is not declared, at each create and update:
 *
 * - `null`: null, which removes what was set by hand
 * - `off`: false or 0, which switches off what was set by hand
 * - `off-at-first`: false when the resource is created; afterwards the value that the state holds
 * - `default`: a default of the provider's own
 * - `kept`: nothing when the resource is created; afterwards the value that the state holds
 * - `nothing`: the field is not sent, the vendor's value stays
 */
export type Sends = "null" | "off" | "off-at-first" | "default" | "kept" | "nothing";

/**
 * What is done about it:
 *
 * - `declared`: the component always declares it, or does wherever its own arguments ask for it
 * - `ignored`: unless declared, changes are ignored: what a person set stays
 * - `left`: what is sent is what we want, or nothing is sent
 */
type Choice = "declared" | "ignored" | "left";

/** True when a change of a property takes protection away. Values are as they are; undefined where there is none. */
export type Weakens = (old: unknown, next: unknown) => boolean;

/** One optional input of a resource type. */
export interface Undeclared {
  readonly sends: Sends;
  readonly choice: Choice;
  /** Why; one sentence. */
  readonly why: string;
  /** For settings that keep visitors out. @default the setting protects nothing */
  readonly weakens?: Weakens;
}

/** Every optional input of a resource type's arguments. A new SDK with a further input does not compile. */
export type UndeclaredOf<Args> = {
  readonly [Name in keyof Args as object extends Pick<Args, Name> ? Name : never]-?: Undeclared;
};

/** Entry of an input that the component declares. */
export const declared = (sends: Sends, why: string, weakens?: Weakens): Undeclared => ({
  sends,
  choice: "declared",
  why,
  ...(weakens ? { weakens } : {}),
});

/** Entry of an input whose changes are ignored unless it is declared. */
export const ignored = (sends: Sends, why: string, weakens?: Weakens): Undeclared => ({
  ...declared(sends, why, weakens),
  choice: "ignored",
});

/** Entry of an input that is left to the provider. */
export const left = (sends: Sends, why: string, weakens?: Weakens): Undeclared => ({
  ...declared(sends, why, weakens),
  choice: "left",
});

const absent = (value: unknown): boolean => value === undefined || value === null || value === false || value === 0;

/** It was there and is not any more, or is something else. */
export const lessOrOther: Weakens = (old, next) => !absent(old) && old !== next;
/** A switch that protects is turned off. */
export const switchedOff: Weakens = (old, next) => old === true && next !== true;
/** A switch that lets visitors in is turned on. */
export const switchedOn: Weakens = (old, next) => old !== true && next === true;
/** A number that protects gets smaller. */
export const smaller: Weakens = (old, next) => typeof old === "number" && (typeof next !== "number" || next < old);
/** A setting that lets visitors in is added or changed. */
export const moreOrOther: Weakens = (old, next) => !absent(next) && old !== next;

/**
 * Inputs for a resource's `ignoreChanges`: those whose value belongs to a person unless it is declared. Pure.
 *
 * @param args what the component declares
 */
export function ignoredIn(table: Readonly<Record<string, Undeclared>>, args: object): string[] {
  const given = args as Readonly<Record<string, unknown>>;
  return Object.entries(table)
    .filter(([name, { choice }]) => choice === "ignored" && given[name] === undefined)
    .map(([name]) => name);
}
