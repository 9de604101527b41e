import type { CellState, PleskState, SharedState, StackState } from "../../stacks/desired.ts";
import { resourceType } from "../../vendors/index.ts";

/** A stack that goes from one declaration to another. */
export interface Move {
  readonly stack: string;
  readonly current: StackState;
  readonly desired: StackState;
}

/** Something that going back cannot bring back, or can only in part. */
export interface Loss {
  readonly stack: string;
  /** Site, project, zone, secret or service. */
  readonly name: string;
  /**
   * `refused`: this command cannot do it; `lost`: it can, and something stays lost; `slow`: it can, with a build; `unknown`:
   * the vendor did not say.
   */
  readonly kind: "refused" | "lost" | "slow" | "unknown";
  /** What does not come back, and what to do. */
  readonly reason: string;
}

/** What going back from one declaration to another cannot restore. Pure. */
export function lossesOf({ stack, current, desired }: Move): Loss[] {
  const losses = (kind: Loss["kind"], reason: string, names: readonly string[]) =>
    names.map((name): Loss => ({ stack, name, kind, reason }));
  if (current.kind === "cell" && desired.kind === "cell")
    return cellLosses(current, desired).flatMap(([...args]) => losses(...args));
  if (current.kind === "shared" && desired.kind === "shared")
    return sharedLosses(current, desired).flatMap(([...args]) => losses(...args));
  if (current.kind === "plesk" && desired.kind === "plesk")
    return pleskLosses(current, desired).flatMap(([...args]) => losses(...args));
  return [];
}

type Found = [kind: Loss["kind"], reason: string, names: string[]];

const PROJECT_GONE =
  "its project is gone: a new one is made and built; earlier deployments, variables set by hand and analytics do not come back";

function cellLosses(current: CellState, desired: CellState): Found[] {
  const own = ({ sites }: CellState) => sites.flatMap(({ host, project }) => (project.kind === "own" ? [host] : []));
  return [["lost", PROJECT_GONE, missing(own(desired), own(current))]];
}

function sharedLosses(current: SharedState, desired: SharedState): Found[] {
  const projects = ({ projects }: SharedState) => projects.map(({ name }) => name);
  const zones = ({ zones }: SharedState) => zones.filter(({ mode }) => mode === "create");
  // At another vendor it is another zone.
  const made = zones(desired).filter(
    ({ name, dns }) => !zones(current).some((zone) => zone.name === name && zone.dns === dns),
  );
  const generated = ({ environment }: SharedState) =>
    environment.secrets.flatMap(({ name, source }) => (source === "generated" ? [name] : []));
  return [
    ["lost", PROJECT_GONE, missing(projects(desired), projects(current))],
    [
      "lost",
      "the zone is made anew: its name servers have to be set at the registrar again",
      made.map(({ name }) => name),
    ],
    [
      "lost",
      "a new value is generated: the old one does not come back",
      missing(generated(desired), generated(current)),
    ],
  ];
}

function pleskLosses(current: PleskState, desired: PleskState): Found[] {
  const now = new Map(current.services.map((service) => [service.key, service]));
  const released = desired.services.filter(({ key, artifactDigest }) => {
    const live = now.get(key);
    return live !== undefined && live.artifactDigest !== artifactDigest;
  });
  const back = missing(
    desired.services.map(({ key }) => key),
    current.services.map(({ key }) => key),
  );
  return [
    [
      "refused",
      "another release of a service: sitefleet plesk rollback --service KEY goes back on the host, in seconds and without an artifact",
      released.map(({ key }) => key),
    ],
    ["lost", "the service is deployed anew; what was in its database is what the database has now", back],
  ];
}

const missing = (wanted: readonly string[], there: readonly string[]) => wanted.filter((name) => !there.includes(name));

/** Whether a change that is about to be made can be undone, in words for its reader. */
export interface UndoAnswer {
  /** `with-loss`: the declaration can go back, something at a vendor cannot. */
  readonly answer: "yes" | "with-loss";
  readonly reasons: { reason: string; changes: number; examples: string[] }[];
}

/** An operation, as far as its undoing depends on it. */
export interface Undoable {
  readonly op: string;
  readonly type: string;
  readonly name: string;
  readonly component?: true;
}

/**
 * Can this be rolled back? Answered for every preview, before anything is done. Releases, variables, domains and records go
 * back; what is listed does not, or only in part. Pure.
 */
export function undoAnswer(changes: readonly Undoable[]): UndoAnswer {
  const found = new Map<string, string[]>();
  for (const change of changes) {
    const reason = lossOf(change);
    if (reason !== undefined) found.set(reason, [...(found.get(reason) ?? []), change.name]);
  }
  const reasons = [...found]
    .map(([reason, names]) => ({ reason, changes: names.length, examples: names.sort().slice(0, 3) }))
    .sort((a, b) => b.changes - a.changes || (a.reason < b.reason ? -1 : 1));
  return { answer: reasons.length === 0 ? "yes" : "with-loss", reasons };
}

function lossOf({ op, type, component }: Undoable): string | undefined {
  if (component) return undefined;
  const losses = resourceType(type)?.losses;
  if (op === "update") return losses?.changed;
  return op === "delete" || op.includes("replace") ? losses?.gone : undefined;
}
