import { excludeEachOther, sameRecord } from "../../components/dns/plan.ts";
import { resourceType, roleOf } from "../../vendors/index.ts";
import type { ProjectFacts, RecordFacts, Seen } from "../../vendors/inventory.ts";
import type { LiveResource } from "../../vendors/live.ts";
import { assign, type Edge, type Tie } from "./assign.ts";
import type { Wanted } from "./wanted.ts";

/** A declared resource and the object that it stands for. */
type Match = Edge<Wanted, Seen>;

/** What is declared, held against what exists. Every object of the scan is in one of the lists, but those that vendors make by themselves. */
export interface Matching {
  readonly matched: readonly Match[];
  /** Fit, and wait for something that was not found: an update makes that first, and takes these up. */
  readonly waiting: readonly Match[];
  /** A state has them already. */
  readonly held: readonly Wanted[];
  readonly ties: readonly Tie<Wanted, Seen>[];
  /** Declared, and nothing that exists fits: an update makes it. */
  readonly missing: readonly Wanted[];
  /** Exists, and the catalog has no way to declare it. */
  readonly unsupported: readonly Seen[];
  /** Exists, and no declaration asks for it. */
  readonly foreign: readonly Seen[];
}

/** What is known beside the scan. */
export interface MatchFacts {
  /** The states' resources. @default none */
  readonly states?: readonly LiveResource[];
  /** Names of the zones that the catalog declares, also of those that it makes nothing of. @default none */
  readonly zones?: ReadonlySet<string>;
  /** Names of generated secrets whose value is known. @default none */
  readonly values?: ReadonlySet<string>;
  /** What a person has decided: id of an object by the name or URN of the declaration. @default nothing */
  readonly chosen?: ReadonlyMap<string, string>;
}

/** Where a person has decided, nothing else is looked at for the declaration or the object. */
function decided(edges: Edges, chosen: ReadonlyMap<string, string>): Edges {
  if (chosen.size === 0) return edges;
  const idFor = ({ wanted }: Match) => chosen.get(wanted.urn) ?? chosen.get(wanted.name);
  const sure = edges.filter((edge) => idFor(edge) === edge.seen.id);
  const ends = new Set<object>(sure.flatMap(({ wanted, seen }) => [wanted, seen]));
  const others = edges.filter((edge) => idFor(edge) === undefined && !ends.has(edge.wanted) && !ends.has(edge.seen));
  return [...sure.map((edge) => ({ ...edge, confidence: 100, reason: `was chosen; it ${edge.reason}` })), ...others];
}

type Of<R extends Wanted["role"]> = Extract<Wanted, { role: R }>;
type Edges = Edge<Wanted, Seen>[];

/** Holds what is declared against what exists. Pure. */
export function match(wanted: readonly Wanted[], seen: readonly Seen[], facts: MatchFacts = {}): Matching {
  const { states = [], values = new Set<string>(), chosen = new Map<string, string>() } = facts;
  const urns = new Map(states.map((resource) => [resource.urn, resource]));
  const heldIds = new Set(states.map((one) => `${roleOf(one.type)} ${seenIdOf(one)}`));
  const open = wanted.filter(({ urn }) => !urns.has(urn));
  const free = seen.filter(({ role, id }) => !heldIds.has(`${role} ${id}`));
  const of = <R extends Wanted["role"]>(role: R) => open.filter((one): one is Of<R> => one.role === role);
  const objects = (role: Seen["role"]) => free.filter((one) => one.role === role);

  const domains = objects("site-domain");
  const projects = assign(decided(projectEdges(of("project"), objects("project"), domains), chosen));
  const projectIds = new Map(projects.matched.map(({ wanted: { urn }, seen: { id } }) => [urn, id]));
  for (const { urn, type } of states) {
    const resource = urns.get(urn);
    if (resource && roleOf(type) === "project") projectIds.set(urn, seenIdOf(resource));
  }
  const zones = Map.groupBy(
    seen.filter(({ role }) => role === "zone"),
    ({ name }) => name,
  );
  const zoneId = (name: string) => (zones.get(name)?.length === 1 ? zones.get(name)?.[0]?.id : undefined);
  const edges = [
    ...domainEdges(of("site-domain"), domains, projectIds),
    ...releaseEdges(of("release"), objects("release"), projectIds),
    ...pairs(
      of("zone"),
      objects("zone"),
      ({ name }) => name,
      ({ name }) => name,
      "is the zone of that name",
    ),
    ...pairs(
      of("zone-setting"),
      objects("zone-setting"),
      ({ zone, setting }) => `${zoneId(zone)}/${setting}`,
      ({ id }) => id,
      "is the zone's setting",
    ),
    ...recordEdges(of("record"), objects("record"), zoneId),
    ...pairs(
      of("environment"),
      objects("environment"),
      ({ repository, name }) => `${repository} ${name}`,
      (one) => `${one.of} ${one.name}`,
      "is the repository's environment of that name",
    ),
    ...secretEdges(of("secret"), objects("secret"), values),
    ...serviceEdges(of("service"), objects("service")),
  ];
  const rest = assign(decided(edges, chosen));
  const given = of("generated").filter(({ name }) => values.has(name));
  const generated = given.map((one): Match => {
    const value: Seen = { vendor: "configuration", role: "generated", id: one.name, name: one.name, facts: {} };
    return { wanted: one, seen: value, confidence: 100, reason: "has its value in the configuration" };
  });
  const fitting = [...projects.matched, ...rest.matched, ...generated];
  const matched = ready(fitting, new Set(urns.keys()));
  const taken = new Set<Match>(matched);
  const ties = [...projects.ties, ...rest.ties];
  const usedWanted = new Set<object>([...fitting.map((one) => one.wanted), ...ties.flatMap((one) => one.wanted)]);
  const usedSeen = new Set<object>([...fitting.map((one) => one.seen), ...ties.flatMap((one) => one.seen)]);
  const isDeclared = ({ role, name }: Seen) => role === "zone" && facts.zones?.has(name) === true;
  const left = free.filter(
    (one) => !usedSeen.has(one) && one.automatic !== true && one.role !== "variable" && !isDeclared(one),
  );
  return {
    matched,
    waiting: fitting.filter((one) => !taken.has(one)),
    held: wanted.filter(({ urn }) => urns.has(urn)),
    ties,
    missing: open.filter((one) => !usedWanted.has(one)),
    unsupported: left.filter(({ unsupported }) => unsupported !== undefined),
    foreign: left.filter(({ unsupported }) => unsupported === undefined),
  };
}

/** Of what fits, that whose needs are met: by a state, or by what is taken with it. */
function ready(fitting: readonly Match[], held: ReadonlySet<string>): readonly Match[] {
  const taken = new Set(fitting.map(({ wanted }) => wanted.urn));
  const isMet = ({ wanted }: Match) => {
    const needs = "project" in wanted ? [wanted.project, ...(wanted.needs ?? [])] : (wanted.needs ?? []);
    return needs.every((urn) => held.has(urn) || taken.has(urn));
  };
  for (let before = -1; before !== taken.size; ) {
    before = taken.size;
    for (const one of fitting) if (!isMet(one)) taken.delete(one.wanted.urn);
  }
  return fitting.filter(({ wanted }) => taken.has(wanted.urn));
}

/** The id that a scan has for a resource of a state. Pure. */
function seenIdOf(resource: LiveResource): string {
  const { id = "" } = resource;
  return resourceType(resource.type)?.seenId?.(resource) ?? id.slice(id.lastIndexOf("/") + 1);
}

/** Pairs with one key on both sides. */
function pairs<W extends Wanted>(
  wanted: readonly W[],
  seen: readonly Seen[],
  keyOf: (one: W) => string,
  seenKey: (one: Seen) => string,
  reason: string,
): Edges {
  const byKey = Map.groupBy(seen, seenKey);
  return wanted.flatMap((one) =>
    (byKey.get(keyOf(one)) ?? []).map((found) => ({ wanted: one, seen: found, confidence: 100, reason })),
  );
}

/** How sure it is that a project is meant, by what fits; the first that holds. A host is served by one project alone, so it says most. */
const PROJECT_RULES = [
  [100, (fit: Fit) => fit.host && fit.source, "serves its host and is built from its repository and folder"],
  [90, (fit: Fit) => fit.name && fit.source, "has its name, its repository and folder"],
  [85, (fit: Fit) => fit.host && fit.name, "serves its host and has its name, and is built from something else"],
  [80, (fit: Fit) => fit.host, "serves its host, and is built from something else"],
  [50, (fit: Fit) => fit.source && fit.idle, "is built from its repository and folder, and serves no host of its own"],
] as const;

interface Fit {
  readonly host: boolean;
  readonly name: boolean;
  readonly source: boolean;
  /** It has no host but those that the vendor gave it. */
  readonly idle: boolean;
}

function projectEdges(wanted: readonly Of<"project">[], seen: readonly Seen[], domains: readonly Seen[]): Edges {
  const byId = new Map(seen.map((one) => [one.id, one]));
  const servedBy = new Map(domains.map(({ name, of = "" }) => [name, of]));
  const busy = new Set(domains.filter(({ automatic }) => !automatic).map(({ of }) => of));
  const byName = new Map(seen.map((one) => [one.name, one]));
  const bySource = Map.groupBy(seen, ({ facts }) => sourceOf(facts as unknown as ProjectFacts));
  return wanted.flatMap((one) => {
    const hosting = one.hosts.flatMap((host) => byId.get(servedBy.get(host) ?? "") ?? []);
    const candidates = new Set([
      ...hosting,
      ...(byName.get(one.name) ? [byName.get(one.name) as Seen] : []),
      ...(bySource.get(sourceOf(one)) ?? []),
    ]);
    return [...candidates].flatMap((found): Edges => {
      const fit: Fit = {
        host: hosting.includes(found),
        name: found.name === one.name,
        source: sourceOf(found.facts as unknown as ProjectFacts) === sourceOf(one),
        idle: !busy.has(found.id),
      };
      const rule = PROJECT_RULES.find(([, holds]) => holds(fit));
      return rule ? [{ wanted: one, seen: found, confidence: rule[0], reason: rule[2] }] : [];
    });
  });
}

/** GitHub does not tell upper from lower case in a repository's name. */
const sourceOf = ({ repository = "", rootDirectory }: Pick<ProjectFacts, "repository" | "rootDirectory">): string =>
  `${repository.toLowerCase()}#${rootDirectory.replace(/^\.?\/+|\/+$/g, "")}`;

function domainEdges(
  wanted: readonly Of<"site-domain">[],
  seen: readonly Seen[],
  projects: ReadonlyMap<string, string>,
): Edges {
  return pairs(
    wanted,
    seen,
    ({ project, name }) => `${projects.get(project)}/${name}`,
    ({ id }) => id,
    "is attached to its project",
  );
}

function releaseEdges(
  wanted: readonly Of<"release">[],
  seen: readonly Seen[],
  projects: ReadonlyMap<string, string>,
): Edges {
  const byProject = new Map(seen.map((one) => [one.of, one]));
  return wanted.flatMap((one): Edges => {
    const found = byProject.get(projects.get(one.project));
    if (found === undefined) return [];
    const { commit } = found.facts as { commit?: string };
    const serves =
      commit === undefined
        ? "no commit that is known"
        : commit === one.commit
          ? "its commit"
          : `commit ${commit.slice(0, 12)}`;
    return [{ wanted: one, seen: found, confidence: 100, reason: `is what its project serves, from ${serves}` }];
  });
}

const ADDRESSES: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

function recordEdges(
  wanted: readonly Of<"record">[],
  seen: readonly Seen[],
  zoneId: (name: string) => string | undefined,
): Edges {
  const at = Map.groupBy(seen, ({ of, name }) => `${of} ${name}`);
  return wanted.flatMap((one) =>
    (at.get(`${zoneId(one.zone)} ${one.host}`) ?? []).flatMap((found): Edges => {
      const facts = found.facts as unknown as RecordFacts;
      if (sameRecord(plain(one), plain(facts))) {
        return [{ wanted: one, seen: found, confidence: 100, reason: "is the declared record" }];
      }
      if (!ADDRESSES.has(one.type) || !ADDRESSES.has(facts.type)) return [];
      if (one.type !== facts.type && !excludeEachOther(one.type, facts.type)) return [];
      const reason = `leads the name elsewhere: ${facts.type} ${facts.content}`;
      return [{ wanted: one, seen: found, confidence: 60, reason }];
    }),
  );
}

/** Host names know no case and no final dot. */
function plain({ type, content, priority }: Pick<RecordFacts, "type" | "content" | "priority">) {
  const named = ["CNAME", "NS", "MX"].includes(type);
  return { type, content: named ? content.toLowerCase().replace(/\.$/, "") : content, priority };
}

/** A value that is made by chance can only be taken over with the value. */
function secretEdges(wanted: readonly Of<"secret">[], seen: readonly Seen[], values: ReadonlySet<string>): Edges {
  const known = wanted.filter(({ generated, name }) => !generated || values.has(name));
  const reason = "is the environment's secret of that name; its value is taken as declared, no vendor shows it";
  return pairs(
    known,
    seen,
    ({ environment, name }) => `${environment}:${name}`,
    ({ of = "", name }) => `${of.slice(of.indexOf(":") + 1)}:${name}`,
    reason,
  );
}

/** Only a service that has what is declared: all else is a deployment, which is for a person to see and start. */
function serviceEdges(wanted: readonly Of<"service">[], seen: readonly Seen[]): Edges {
  const fits = seen.filter(({ facts }) => typeof facts.live === "string" && facts.serves === "release");
  return pairs(
    wanted,
    fits,
    ({ name, release }) => `${name} ${release}`,
    ({ name, facts }) => `${name} ${facts.live}`,
    "serves the declared artifact",
  );
}
