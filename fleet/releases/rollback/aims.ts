import { SitefleetError } from "../../../errors/index.ts";
import { CANARY, type Catalog, cellOf, stackOf, stackOfCell } from "../../../model/index.ts";
import type { RunRecord } from "../../backend/journal/journal.ts";
import type { RollbackAim } from "./target.ts";

/** What a person asks to go back. Exactly one of `stacks`, `hosts` and `run`. */
export interface RollbackWish {
  readonly stacks?: readonly string[];
  readonly hosts?: readonly string[];
  /** A run that is to be undone. */
  readonly run?: RunRecord;
  /** Version; only for one stack. */
  readonly to?: number;
  /** Stacks of hosts that the catalog has no more. @default the cell that such a host is put into */
  readonly gone?: ReadonlyMap<string, string>;
}

/**
 * What each stack goes back to. A site that the catalog has no more is looked for in its cell, where the earlier state has it.
 * Pure.
 *
 * @throws SitefleetError `usage`
 */
export function rollbackAims(catalog: Catalog, wish: RollbackWish): RollbackAim[] {
  const { stacks = [], hosts = [], run, to, gone } = wish;
  if ([stacks.length > 0, hosts.length > 0, run !== undefined].filter(Boolean).length !== 1)
    throw usage("say what goes back: --stack, --site or --run");
  if (run !== undefined) {
    if (to !== undefined) throw usage("--to goes with --stack or --site");
    const before = Date.parse(run.startedAt);
    const touched = [...run.done, ...run.failed, ...run.interrupted];
    return [...new Set(touched)].map((stack) => ({ stack, before }));
  }
  const version = to === undefined ? {} : { to };
  if (stacks.length > 0) {
    if (to !== undefined && stacks.length > 1) throw usage("--to is a version of one stack");
    return stacks.map((stack) => ({ stack, ...version }));
  }
  const byStack = Map.groupBy(hosts, (host) => gone?.get(host) ?? stackOfHost(catalog, host));
  if (to !== undefined && byStack.size > 1) throw usage("--to is a version of one stack: these sites lie in several");
  return [...byStack].map(([stack, list]) => ({ stack, hosts: list, ...version }));
}

/** Stacks that a host which the catalog has no more may have been in: its cell, or the canaries'. Pure. */
export function formerStacks({ cells }: Pick<Catalog, "cells">, host: string): string[] {
  return [stackOfCell(cellOf({ host, tags: [] }, cells)), stackOfCell(CANARY)];
}

function stackOfHost(catalog: Catalog, host: string): string {
  const site = catalog.sites.find((one) => one.host === host);
  return site ? stackOf(site) : stackOfCell(cellOf({ host, tags: [] }, catalog.cells));
}

function usage(message: string): SitefleetError {
  return new SitefleetError({ code: "usage", message, hint: "sitefleet rollback --help" });
}
