import { memoryOf, ratio } from "../measure/ratios.ts";
import type { Check, Part, PartResult, Row } from "../types.ts";

/** (e) Memory, read off the rows of the other parts. Pure. */
export function memory(parts: Partial<Record<Part, PartResult>>): { rows: Row[]; checks: Check[] } {
  const checks: Check[] = [];
  const add = (claim: string, value: number, unit: "MiB" | "x") => checks.push({ claim, value, unit });
  const [one, cells] = parts.a?.rows ?? [];
  if (one && cells) {
    const claim = `peak memory of a first up of ${one.sites} sites: one stack against ${cells.variant}`;
    add(claim, ratio(memoryOf(one), memoryOf(cells)), "x");
  }
  const firsts = (parts.b?.rows ?? []).filter(({ operation }) => operation === "first up");
  for (const row of firsts) add(`peak memory of a first up of ${row.sites} sites`, memoryOf(row), "MiB");
  const [smaller, larger] = firsts.slice(-2);
  if (smaller && larger) {
    const claim = `peak memory of a first up: ${larger.sites} sites against ${smaller.sites}`;
    add(claim, ratio(memoryOf(larger), memoryOf(smaller)), "x");
  }
  for (const operation of ["first up", "preview of all"]) {
    const of = (variant: string) => parts.c?.rows.find((row) => row.variant === variant && row.operation === operation);
    const [naive, ours] = [of("naive"), of("ours")];
    if (!naive || !ours) continue;
    add(`peak memory of ${operation}: naive against ours`, ratio(memoryOf(naive), memoryOf(ours)), "x");
  }
  return { rows: [], checks };
}
