import type { CellState, SharedState, SiteState, StackState } from "./desired.ts";
import { canonicalJson } from "./digest.ts";

/** What a stack is declared to be; null and undefined: there is no such stack. */
export type DeclaredState = StackState | null | undefined;

/** A stack that goes from one declared state to another. */
export interface StackChange {
  readonly stack: string;
  /** What it was when it was last known whole; undefined: never, or there is no such stack. */
  readonly before: StackState | undefined;
  /** What it is to be. */
  readonly target: StackState;
}

/** Something in a declared state that stands by itself and has a name. */
export type PartKind = "site" | "project" | "zone" | "environment" | "secret" | "host" | "service";

/** A part that two declared states do not have in common. */
export interface PartChange {
  readonly part: PartKind;
  /** Host of a site, name of a project, zone or secret, key of a host or service; empty for the environment. */
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
}

/** The sites of a declared state; none where it is no cell. Pure. */
export function sitesOf(state: DeclaredState): readonly SiteState[] {
  return state?.kind === "cell" ? state.sites : [];
}

/** A cell of these sites, in the order in which every declared state has them: equal cells are equal text. Pure. */
export function cellOfSites(sites: Iterable<SiteState>): CellState {
  return { kind: "cell", sites: [...sites].sort((a, b) => compare(a.host, b.host)) };
}

/** The part of a cell's declared state that belongs to some sites; hosts that it does not have are left out. Pure. */
export function slice(state: DeclaredState, hosts: Iterable<string>): CellState {
  const wanted = new Set(hosts);
  return cellOfSites(sitesOf(state).filter(({ host }) => wanted.has(host)));
}

/**
 * A cell with some sites as another state has them. A site that the other state lacks is removed, a site that only the other state has
 * is added. All other sites stay as they are. Pure.
 */
export function merge(state: DeclaredState, source: DeclaredState, hosts: Iterable<string>): CellState {
  const taken = new Set(hosts);
  return cellOfSites([...sitesOf(state).filter(({ host }) => !taken.has(host)), ...slice(source, taken).sites]);
}

/**
 * The shared stack with some projects and zones as another state has them. One that the other lacks stays, so that nothing which sites
 * share is deleted by it. Pure.
 *
 * @param names of projects and zones
 */
export function mergeShared(state: SharedState, source: SharedState, names: ReadonlySet<string>): SharedState {
  const taken = <Part extends { readonly name: string }>(now: readonly Part[], other: readonly Part[]): Part[] => {
    const known = new Map(other.map((part) => [part.name, part]));
    return now.map((part) => (names.has(part.name) ? (known.get(part.name) ?? part) : part));
  };
  return { ...state, projects: taken(state.projects, source.projects), zones: taken(state.zones, source.zones) };
}

/**
 * The parts that come, change and go between two declared states, sorted by kind and name. Empty exactly when both declare
 * the same; a stack that does not exist declares nothing. Pure.
 *
 * @param view what of a part counts. @default all of it
 */
export function difference(
  before: DeclaredState,
  after: DeclaredState,
  view: (part: object) => unknown = (part) => part,
): PartChange[] {
  const [then, now] = [partsOf(before), partsOf(after)];
  const found: PartChange[] = [];
  for (const [key, { part, name, value }] of now) {
    const old = then.get(key);
    if (old === undefined) found.push({ part, name, change: "added" });
    else if (canonicalJson(view(old.value)) !== canonicalJson(view(value)))
      found.push({ part, name, change: "changed" });
  }
  for (const [key, { part, name }] of then) if (!now.has(key)) found.push({ part, name, change: "removed" });
  return found.sort((a, b) => compare(a.part, b.part) || compare(a.name, b.name));
}

/** Whether two declared states declare the same. Pure. */
export function sameState(one: DeclaredState, other: DeclaredState): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

/** The hosts whose sites come, change or go, sorted. Pure. */
export function changedHosts({ before, target }: Pick<StackChange, "before" | "target">): string[] {
  return difference(before, target).flatMap(({ part, name }) => (part === "site" ? [name] : []));
}

interface NamedPart {
  readonly part: PartKind;
  readonly name: string;
  readonly value: object;
}

function partsOf(state: DeclaredState): Map<string, NamedPart> {
  return new Map(listParts(state).map((one) => [`${one.part} ${one.name}`, one]));
}

function listParts(state: DeclaredState): NamedPart[] {
  switch (state?.kind) {
    case undefined:
      return [];
    case "cell":
      return state.sites.map((value) => ({ part: "site", name: value.host, value }));
    case "plesk":
      return [
        ...state.hosts.map((value): NamedPart => ({ part: "host", name: value.key, value })),
        ...state.services.map((value): NamedPart => ({ part: "service", name: value.key, value })),
      ];
    case "shared": {
      const { secrets, ...environment } = state.environment;
      return [
        ...state.projects.map((value): NamedPart => ({ part: "project", name: value.name, value })),
        ...state.zones.map((value): NamedPart => ({ part: "zone", name: value.name, value })),
        { part: "environment", name: "", value: environment },
        ...secrets.map((value): NamedPart => ({ part: "secret", name: value.name, value })),
      ];
    }
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
