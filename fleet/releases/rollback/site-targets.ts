import type { SiteState } from "../../../stacks/desired.ts";
import { canonicalJson } from "../../../stacks/digest.ts";
import type { SiteTargets } from "../../../stacks/site-targets.ts";
import { changedHosts } from "../../../stacks/state.ts";
import type { RollbackAim, RollbackTarget } from "./target.ts";

/**
 * The sites of a cell that going back is about: those that were asked for, else those that differ. Nothing else of the
 * cell is touched or looked at. So a broken site stops no other, and a rollback of one site costs one site.
 * Undefined where the whole stack is updated: for other kinds of stacks, and for a stack that an update has left half done.
 * Pure.
 */
export function siteTargetsOf(
  { current, desired, moved }: Pick<RollbackTarget, "current" | "desired" | "moved">,
  { hosts }: Pick<RollbackAim, "hosts">,
): SiteTargets | undefined {
  if (current.kind !== "cell" || desired.kind !== "cell" || (moved && hosts === undefined)) return undefined;
  const now = new Map(current.sites.map((site) => [site.host, site]));
  const then = new Map(desired.sites.map((site) => [site.host, site]));
  const sites = hosts ?? changedHosts({ before: current, target: desired });
  // Without a target the engine would take the whole stack for what is meant.
  if (sites.length === 0) return undefined;
  // Of a site that was left half done anything may be missing.
  const releases = !moved && sites.every((host) => onlyRelease(now.get(host), then.get(host)));
  return { sites: [...sites].sort(), about: releases ? "releases" : "all", whole: !moved };
}

/** Whether a site has a project of its own in both, and nothing differs but its release. */
function onlyRelease(now: SiteState | undefined, then: SiteState | undefined): boolean {
  if (now?.project.kind !== "own" || then?.project.kind !== "own") return false;
  const { commit: _, ...rest } = now;
  const { commit: __, ...other } = then;
  return canonicalJson(rest) === canonicalJson(other);
}
