import type { Catalog } from "../../../model/index.ts";
import type { StackState } from "../../../stacks/desired.ts";
import type { StackIndex } from "../../backend/index/stack-index.ts";
import { judgeRun } from "./judge.ts";
import type { Finding, Item } from "./types.ts";

/** What a declaration has how many of. */
export type Declared = Readonly<Partial<Record<"site" | "service" | "secret", number>>>;

/** How much a stack's declaration holds. Pure. */
export function declaredCounts(state: StackState): Declared {
  if (state.kind === "cell") return { site: state.sites.length };
  if (state.kind === "plesk") return { service: state.services.length };
  return { secret: state.environment.secrets.length };
}

/**
 * What can be said of a catalog without any state: that a whole file is empty, and how much less it declares than the stacks held
 * after their last updates, as far as this machine remembers them. Pure.
 *
 * @returns the figures as the preflight would judge them, and sentences about empty files
 */
export function shrunkSince(
  catalog: Pick<Catalog, "sites" | "services" | "secrets">,
  index: StackIndex,
): { readonly findings: Finding[]; readonly empty: string[] } {
  const now = { site: catalog.sites.length, service: catalog.services.length, secret: catalog.secrets.entries.length };
  const known = Object.values(index.stacks).map(({ counts }) => counts ?? {});
  const items = (["site", "service", "secret"] as const).flatMap((kind) => {
    const then = known.reduce((sum, counts) => sum + (counts[kind] ?? 0), 0);
    return Array.from(
      { length: then },
      (_, place): Item => ({ kind, name: "", fate: place < then - now[kind] ? ("deleted" as const) : undefined }),
    );
  });
  const findings = judgeRun([{ stack: "", inRun: true, items, protected: [] }], { allow: [] });
  const files = { site: "sites.csv", service: "services.yaml", secret: "secrets.yaml" };
  const empty = (["site", "service", "secret"] as const).filter((kind) => now[kind] === 0);
  return {
    findings: findings.map((finding) => ({ ...finding, examples: [] })),
    empty: empty.map((kind) => `${files[kind]} declares none: every ${kind} that there is would be deleted`),
  };
}
