import { cpuOf, ratio } from "../measure/ratios.ts";
import type { Killed } from "../tofu/kill.ts";
import { isOurs, OPERATIONS, type Operation, VARIANTS, type Variant } from "../tofu/sides.ts";
import type { Check, Row } from "../types.ts";

/** Size that the targets are set for. */
const PROMISED = 1500;
/** Most that an operation may take, s, and most against OpenTofu split by hand into a root module for each cell. */
const TARGETS: Readonly<Record<Operation, { readonly seconds: number; readonly split: number }>> = {
  "first up": { seconds: 85, split: 0.5 },
  "whole review": { seconds: 25, split: 0.5 },
  "whole review, live": { seconds: 30, split: 0.5 },
  "review of 3 changed": { seconds: 2.2, split: 1 },
  "up of 3 changed": { seconds: 2.5, split: 1 },
};

/** Ours against OpenTofu at each size, as ratios of one run: under 1 is quicker. Pure. */
export function comparisons(rows: readonly Row[]): Check[] {
  const sizes = [...new Set(rows.map(({ sites }) => sites))].sort((a, b) => a - b);
  return sizes.flatMap((sites) => {
    const find = (variant: Variant, operation: Operation) =>
      rows.find((row) => row.sites === sites && row.variant === variant && row.operation === operation);
    return OPERATIONS.flatMap((operation) =>
      VARIANTS.filter(isOurs).flatMap((own): Check[] => {
        const mine = find(own, operation);
        if (mine === undefined) return [];
        const { seconds, split } = TARGETS[operation];
        // What is promised is promised of an estate as it begins.
        const most = (value: number) =>
          sites === PROMISED && own === "ours" ? { target: { is: "at most", value } as const } : {};
        const claim = `${operation} of ${sites} sites, real providers`;
        const alone: Check = {
          claim: `${claim}: ${own}, wall time`,
          value: mine.cost.wall,
          unit: "s",
          ...most(seconds),
        };
        const beside = VARIANTS.flatMap((variant): Check[] => {
          const theirs = isOurs(variant) ? undefined : find(variant, operation);
          if (theirs === undefined) return [];
          const target = variant === "OpenTofu, split" ? most(split) : {};
          const against = `${claim}: ${own} against ${variant}`;
          return [
            { claim: `${against}, wall time`, value: ratio(mine.cost.wall, theirs.cost.wall), unit: "x", ...target },
            { claim: `${against}, CPU time`, value: ratio(cpuOf(mine), cpuOf(theirs)), unit: "x" },
          ];
        });
        return [alone, ...beside];
      }),
    );
  });
}

/** What a kill came to. Ours is held to losing and doubling nothing. Pure. */
export function killChecks(variant: Variant, { row, runs, lostAtFirst, lost, doubled }: Killed): Check[] {
  const claim = `kill -9 half way of a first up of ${row.sites} sites, ${variant}`;
  const none = isOurs(variant) ? { target: { is: "exactly", value: 0 } as const } : {};
  const once = isOurs(variant) ? { target: { is: "exactly", value: 1 } as const } : {};
  return [
    { claim: `${claim}: objects in no state at that moment`, value: lostAtFirst, unit: "objects" },
    { claim: `${claim}: runs until one ends well`, value: runs, unit: "runs", note: "4: none did", ...once },
    { claim: `${claim}: objects in no state afterwards`, value: lost, unit: "objects", ...none },
    { claim: `${claim}: builds made twice`, value: doubled, unit: "objects", ...none },
  ];
}
