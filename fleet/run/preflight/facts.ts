import { COMPONENT } from "../../../components/tokens.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import type { CellState, PleskState, SharedState, StackState } from "../../../stacks/desired.ts";
import { canonicalJson } from "../../../stacks/digest.ts";
import { type Role, roleOf } from "../../../vendors/index.ts";
import type { StateResource } from "../../backend/states/checkpoint.ts";
import type { Fate, Item, Kind, Protected, StackFacts } from "./types.ts";

/** Components that stand for what is counted. */
const COMPONENTS: Readonly<Record<string, Kind>> = {
  [COMPONENT.site]: "site",
  [COMPONENT.service]: "service",
  [COMPONENT.zone]: "zone",
  [COMPONENT.sharedProject]: "project",
};
/** Resources that stand for what is counted, by role. */
const ROLES: Readonly<Partial<Record<Role, Kind>>> = { environment: "environment", secret: "secret", record: "record" };
/**
 * The core resources of a thing. When one of them is deleted and the thing stays, the thing counts as replaced. A release is no core
 * resource, since every change replaces it.
 */
const CORE: Readonly<Partial<Record<Role, readonly Kind[]>>> = {
  project: ["site", "project"],
  "site-domain": ["site"],
  service: ["service"],
  zone: ["zone"],
};

const kindOf = (type: string): Kind | undefined => {
  const role = roleOf(type);
  return COMPONENTS[type] ?? (role && ROLES[role]);
};
const coreOf = (type: string): readonly Kind[] => {
  const role = roleOf(type);
  return (role && CORE[role]) ?? [];
};

/** An operation that a preview has found. */
export interface FoundStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The vendor's id of what is there now. */
  readonly id?: string;
  /** Logical name of the component that it belongs to. */
  readonly parent?: string;
  readonly protect?: true;
  readonly component?: true;
}

/** What is known of a stack. */
export interface FactsOptions {
  readonly stack: string;
  readonly inRun: boolean;
  /** Its state. */
  readonly resources: readonly StateResource[];
  /** What it was declared to be when its last update ended well. @default unknown */
  readonly before?: StackState | undefined;
  /** The last declaration that is known of a stack that was since updated in part. @default {@link before} */
  readonly earlier?: StackState | undefined;
  /** What it is to be; undefined: everything of it goes. */
  readonly declared: StackState | undefined;
  /** What a preview has found. @default none was made */
  readonly steps?: readonly FoundStep[] | undefined;
  /** Only these services are touched. @default everything */
  readonly services?: readonly string[] | undefined;
  /** Names of the estate's zones, to tell which one a record is in. */
  readonly zones: readonly string[];
}

/**
 * What becomes of everything that a stack holds. What is no longer declared goes, whether a preview was made or not; what is
 * replaced only a preview can tell for certain. Pure.
 */
export function factsOf(options: FactsOptions): StackFacts {
  const { stack, inRun, services, zones } = options;
  const resources = options.resources.filter((one) => !one.delete);
  const fates = new Fates();
  if (services === undefined) {
    if (options.declared === undefined)
      for (const { urn, type } of resources) fates.set(kindOf(type), nameOfUrn(urn), "deleted");
    else undeclared(options.declared, resources, fates);
  }
  const records = resources.filter(({ type }) => kindOf(type) === "record");
  const names = new Map(records.map(({ id, urn }) => [id, nameOfUrn(urn)]));
  // A record that has got another logical name since (an alias) is in the state by its old one.
  for (const step of options.steps ?? []) {
    const name = kindOf(step.type) === "record" && step.id !== undefined ? names.get(step.id) : undefined;
    readStep(name === undefined ? step : { ...step, name }, fates);
  }
  if (options.steps === undefined) changed(options, fates);
  const items = resources.flatMap((one): Item[] => {
    const kind = kindOf(one.type);
    if (kind === undefined) return [];
    const name = nameOfUrn(one.urn);
    const zone = kind === "record" ? zoneOf(name, zones) : undefined;
    // A record goes with its zone or service.
    const fate = fates.get(kind, name) ?? (kind === "record" ? fates.ofParent(parentOf(one)) : undefined);
    return [{ kind, name, zone, fate }];
  });
  return { stack, inRun, items: [...items, ...databases(options)], protected: protectedOf(options, resources, fates) };
}

/** What a cell holds that is as declared, and of which nothing becomes anything else. Pure. */
export function factsOfDeclared(stack: string, { sites }: CellState): StackFacts {
  const items = sites.map(({ host }): Item => ({ kind: "site", name: host, zone: undefined, fate: undefined }));
  return { stack, inRun: false, items, protected: [] };
}

/** What becomes of things, by kind and name. */
class Fates {
  readonly #found = new Map<string, Fate>();

  /** What is worse stays. */
  set(kind: Kind | undefined, name: string, fate: Fate): void {
    if (kind === undefined) return;
    const key = `${kind} ${name}`;
    const order: readonly (Fate | undefined)[] = [undefined, "updated", "replaced", "deleted"];
    if (order.indexOf(fate) > order.indexOf(this.#found.get(key))) this.#found.set(key, fate);
  }

  get(kind: Kind, name: string): Fate | undefined {
    return this.#found.get(`${kind} ${name}`);
  }

  /** Deleted when the component that a resource belongs to is. */
  ofParent(name: string): Fate | undefined {
    return (["zone", "service"] as const).some((kind) => this.get(kind, name) === "deleted") ? "deleted" : undefined;
  }
}

const parentOf = ({ parent }: StateResource): string => (typeof parent === "string" ? nameOfUrn(parent) : "");

/** What the state holds and the declaration does not. */
function undeclared(declared: StackState, resources: readonly StateResource[], fates: Fates): void {
  const names = namesOf(declared);
  for (const { urn, type } of resources) {
    const kind = kindOf(type);
    const wanted = kind === undefined ? undefined : names[kind];
    if (wanted !== undefined && !wanted.has(nameOfUrn(urn))) fates.set(kind, nameOfUrn(urn), "deleted");
    if (roleOf(type) === "zone" && !(names.created ?? new Set()).has(nameOfUrn(urn)))
      fates.set("zone", nameOfUrn(urn), "deleted");
  }
}

type Names = Partial<Record<Kind | "created", ReadonlySet<string>>>;

/** Names of everything that is declared but of records, which only the program knows. */
function namesOf(state: StackState): Names {
  if (state.kind === "cell") return { site: new Set(state.sites.map(({ host }) => host)) };
  if (state.kind === "plesk") return { service: new Set(state.services.map(({ key }) => key)) };
  const { projects, zones, environment } = state;
  const kept = zones.filter(({ mode }) => mode !== "skip");
  return {
    project: new Set(projects.map(({ name }) => name)),
    zone: new Set(kept.map(({ name }) => name)),
    created: new Set(zones.flatMap(({ name, mode }) => (mode === "create" ? [name] : []))),
    environment: new Set([environment.environment]),
    secret: new Set(environment.secrets.map(({ name }) => `${environment.environment}/${name}`)),
  };
}

function readStep({ op, type, name, parent = "" }: FoundStep, fates: Fates): void {
  const fate: Fate | undefined =
    op === "delete" ? "deleted" : op.includes("replace") ? "replaced" : op === "update" ? "updated" : undefined;
  if (fate === undefined) return;
  // A component's own update says nothing: it is its name.
  fates.set(kindOf(type), name, fate);
  if (roleOf(type) === "generated") fates.set("secret", name, fate === "deleted" ? "replaced" : fate);
  const goes = fate !== "updated";
  for (const kind of coreOf(type)) fates.set(kind, parent, goes ? "replaced" : "updated");
  if (roleOf(type) === "release") for (const kind of ["site", "project"] as const) fates.set(kind, parent, "updated");
}

/** Without a preview: what is declared otherwise than before is changed. */
function changed({ before, declared, services }: FactsOptions, fates: Fates): void {
  if (before === undefined || declared === undefined) return;
  for (const [kind, then, now] of pairs(before, declared)) {
    const known = new Map(then);
    for (const [name, text] of now) {
      if (kind === "service" && services !== undefined && !services.includes(name)) continue;
      if (known.has(name) && known.get(name) !== text) fates.set(kind, name, "updated");
    }
  }
  if (before.kind === "cell" && declared.kind === "cell") {
    const then = new Map(before.sites.map((site) => [site.host, placeOf(site)]));
    for (const site of declared.sites)
      if (then.has(site.host) && then.get(site.host) !== placeOf(site)) fates.set("site", site.host, "replaced");
  }
}

/** The project that serves a site: when it is another one, the site's domain moves. */
const placeOf = ({ project }: CellState["sites"][number]): string =>
  project.kind === "own" ? "own" : `shared ${project.name}`;

type Texts = (readonly [name: string, text: string])[];

function pairs(before: StackState, now: StackState): (readonly [Kind, Texts, Texts])[] {
  const sites = ({ sites }: CellState): Texts => sites.map((site) => [site.host, canonicalJson(site)]);
  const services = ({ services }: PleskState): Texts => services.map((one) => [one.key, canonicalJson(one)]);
  const projects = ({ projects }: SharedState): Texts => projects.map((one) => [one.name, canonicalJson(one)]);
  if (before.kind === "cell" && now.kind === "cell") return [["site", sites(before), sites(now)]];
  if (before.kind === "plesk" && now.kind === "plesk") return [["service", services(before), services(now)]];
  if (before.kind === "shared" && now.kind === "shared") return [["project", projects(before), projects(now)]];
  return [];
}

/**
 * Databases that were declared. No run deletes their data, but a service that lets go of its database loses the way to it: its
 * password is generated and goes with the declaration.
 */
function databases({ before, earlier = before, declared, services }: FactsOptions): Item[] {
  if (earlier?.kind !== "plesk") return [];
  const of = ({ database }: PleskState["services"][number]) =>
    database === undefined ? undefined : `${database.engine} ${database.name}`;
  const now = new Map(declared?.kind === "plesk" ? declared.services.map((one) => [one.key, of(one)]) : []);
  return earlier.services.flatMap((service): Item[] => {
    const then = of(service);
    if (then === undefined) return [];
    const name = `${service.database?.name} of ${service.key}`;
    const touched = services === undefined || services.includes(service.key);
    const next = now.get(service.key);
    if (!touched || next === then) return [{ kind: "database", name }];
    return [{ kind: "database", name, fate: next === undefined ? "deleted" : "replaced" }];
  });
}

/** Protected resources that would go, by the state and by the preview. */
function protectedOf({ steps = [] }: FactsOptions, resources: readonly StateResource[], fates: Fates): Protected[] {
  const found = new Map<string, Protected>();
  for (const { urn, type, protect, parent } of resources) {
    if (protect !== true) continue;
    const name = nameOfUrn(urn);
    const owner = typeof parent === "string" ? nameOfUrn(parent) : name;
    const kinds = coreOf(type);
    const kind = kindOf(type);
    const fate =
      kinds.map((one) => fates.get(one, owner)).find((one) => one !== undefined) ?? (kind && fates.get(kind, name));
    if (fate === "deleted" || fate === "replaced") found.set(urn, { urn, type, name, fate });
  }
  for (const { op, urn, type, name, protect } of steps) {
    const fate = op === "delete" ? "deleted" : op.includes("replace") ? "replaced" : undefined;
    if (protect && fate) found.set(urn, { urn, type, name, fate });
  }
  return [...found.values()].sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

/** The zone of a record by its name, `HOST/TYPE…`: the longest that fits. */
function zoneOf(record: string, zones: readonly string[]): string | undefined {
  const host = record.split("/")[0] ?? "";
  const fitting = zones.filter((zone) => host === zone || host.endsWith(`.${zone}`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}
