import {
  type Catalog,
  canonicalContent,
  FRAMEWORKS,
  isInZone,
  projectName,
  releaseRef,
  sharedProjectName,
  UNKNOWN_COMMIT,
} from "../../model/index.ts";
import type { ProjectFacts, RecordFacts, ReleaseFacts, Seen } from "../../vendors/inventory.ts";
import type { Matching } from "./match.ts";

/** A row of sites.csv, by its columns. */
export interface PlannedSite {
  readonly name: string;
  readonly zone: string;
  readonly project: "own" | "shared";
  readonly repository: string;
  readonly root_directory: string;
  readonly framework: string;
  readonly channel: string;
  readonly tags: string;
}

/** A record of zones.yaml, as it is written there. */
interface PlannedRecord {
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly ttl?: number;
  readonly proxied?: true;
  readonly priority?: number;
  readonly comment?: string;
}

/** A zone of zones.yaml, as it is written there. */
interface PlannedZone {
  readonly name: string;
  readonly dns: string;
  readonly kind: "cname";
  readonly mode: "existing";
  readonly wildcard: boolean;
  readonly target?: string;
  readonly records: readonly PlannedRecord[];
}

/** What the catalog gets, so that it declares what exists. Nothing that it declares already is changed. */
export interface PlannedRows {
  readonly sites: readonly PlannedSite[];
  /** Channels of releases.yaml that pin what is live. */
  readonly channels: readonly { readonly name: string; readonly ref: string }[];
  readonly zones: readonly PlannedZone[];
  /** Records of zones that are declared. */
  readonly records: readonly { readonly zone: string; readonly record: PlannedRecord }[];
  /** What gets no row, and why not; completes "it …". */
  readonly left: readonly { readonly seen: Seen; readonly reason: string }[];
  /** Projects whose name is another than the catalog gives them: a preview shows it. */
  readonly renamed: readonly { readonly seen: Seen; readonly declared: string }[];
}

/** Plans the rows for what no declaration asks for. Pure. @param seen all that was read */
export function planRows({ foreign }: Pick<Matching, "foreign">, seen: readonly Seen[], catalog: Catalog): PlannedRows {
  const left: { seen: Seen; reason: string }[] = [];
  const zones = zonesOf(foreign, seen, catalog, left);
  const known = [...catalog.zones.map(({ name }) => name), ...zones.map(({ name }) => name)];
  const records = recordsOf(foreign, seen, catalog, left);
  const sites = sitesOf({ foreign, seen, catalog, known, left });
  const skipped = new Set(["project", "site-domain", "zone", "record"]);
  for (const one of foreign) if (!skipped.has(one.role)) left.push({ seen: one, reason: whyLeft(one) });
  return { ...sites, zones, records, left };
}

const whyLeft = ({ role }: Seen): string =>
  role === "secret"
    ? "has a value that no vendor shows: declare it in secrets.yaml when you have it"
    : `is of a kind (${role}) that is declared by hand`;

interface SiteQuestion {
  readonly foreign: readonly Seen[];
  readonly seen: readonly Seen[];
  readonly catalog: Catalog;
  readonly known: readonly string[];
  readonly left: { seen: Seen; reason: string }[];
}

function sitesOf({
  foreign,
  seen,
  catalog,
  known,
  left,
}: SiteQuestion): Pick<PlannedRows, "sites" | "channels" | "renamed"> {
  const domains = Map.groupBy(
    seen.filter(({ role, automatic }) => role === "site-domain" && !automatic),
    ({ of = "" }) => of,
  );
  const live = new Map(seen.filter(({ role }) => role === "release").map((one) => [one.of, one.facts as ReleaseFacts]));
  const sources = Map.groupBy(
    seen.filter(({ role }) => role === "project"),
    ({ facts }) => keyOf(facts as unknown as ProjectFacts),
  );
  const taken = new Set(catalog.sites.map(({ host }) => host));
  const declared = new Set(catalog.sites.map((site) => keyOf(site)));
  const sites: PlannedSite[] = [];
  const renamed: { seen: Seen; declared: string }[] = [];
  const channels = new Map<string, string>();
  for (const project of foreign.filter(({ role }) => role === "project")) {
    const facts = project.facts as unknown as ProjectFacts;
    const own = domains.get(project.id) ?? [];
    const hosts = own.filter(({ name, unsupported }) => unsupported === undefined && !name.startsWith("*."));
    for (const one of own.filter(({ name, unsupported }) => unsupported !== undefined || name.startsWith("*.")))
      left.push({ seen: one, reason: one.unsupported ?? "is a wildcard: declare it as catchAll of its zone" });
    const reason = whyNoRow(
      facts,
      hosts,
      known,
      taken,
      sources.get(keyOf(facts))?.length ?? 0,
      declared.has(keyOf(facts)),
    );
    if (reason !== undefined) {
      left.push({ seen: project, reason });
      continue;
    }
    const { repository = "", rootDirectory, framework } = facts;
    const kind = hosts.length > 1 ? "shared" : "own";
    const channel = channelOf(live.get(project.id)?.commit ?? UNKNOWN_COMMIT, repository, catalog, channels);
    for (const { name: host } of hosts) {
      const zone = zoneOf(host, known) as string;
      const name = host === zone ? "@" : host.slice(0, -zone.length - 1);
      const row = {
        name,
        zone,
        project: kind,
        repository,
        root_directory: rootDirectory,
        framework: framework ?? "",
        channel,
        tags: "",
      } as const;
      sites.push(row);
      taken.add(host);
      const wanted = kind === "own" ? projectName(row) : sharedProjectName({ repository, rootDirectory });
      if (wanted !== project.name && host === hosts[0]?.name) renamed.push({ seen: project, declared: wanted });
    }
  }
  // A host of a project that is declared: it is the project's row that would have to be shared.
  const rowed = new Set(sites.map(({ name, zone }) => (name === "@" ? zone : `${name}.${zone}`)));
  const told = new Set(left.map((one) => one.seen));
  const projects = new Set(foreign.flatMap(({ role, id }) => (role === "project" ? [id] : [])));
  for (const one of foreign)
    if (one.role === "site-domain" && !rowed.has(one.name) && !told.has(one) && !projects.has(one.of ?? ""))
      left.push({ seen: one, reason: whyNoHost(one, seen) });
  sites.sort((a, b) => (a.zone === b.zone ? (a.name < b.name ? -1 : 1) : a.zone < b.zone ? -1 : 1));
  return {
    sites,
    channels: [...channels].map(([name, ref]) => ({ name, ref })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    renamed,
  };
}

function whyNoHost({ of }: Seen, seen: readonly Seen[]): string {
  const project = seen.find(({ role, id }) => role === "project" && id === of);
  return project?.unsupported === undefined
    ? "is attached to a project whose row has another host"
    : `is attached to ${project.name}, which ${project.unsupported}`;
}

function whyNoRow(
  { repository, framework }: ProjectFacts,
  hosts: readonly Seen[],
  known: readonly string[],
  taken: ReadonlySet<string>,
  alike: number,
  declared: boolean,
): string | undefined {
  if (repository === undefined) return "is linked to no repository";
  if (hosts.length === 0) return "serves no host of its own";
  if (framework !== null && !(FRAMEWORKS as readonly string[]).includes(framework))
    return `is built with ${framework}, which the catalog does not know`;
  const outside = hosts.find(({ name }) => zoneOf(name, known) === undefined);
  if (outside) return `serves ${outside.name}, which is in no zone that was read`;
  const twice = hosts.find(({ name }) => taken.has(name));
  if (twice) return `serves ${twice.name}, which is declared already`;
  if (hosts.length > 1 && (alike > 1 || declared))
    return `serves ${hosts.length} hosts, and another project is built from the same repository and folder: one shared project takes both`;
  return undefined;
}

const keyOf = ({ repository = "", rootDirectory }: Pick<ProjectFacts, "repository" | "rootDirectory">): string =>
  `${repository.toLowerCase()}#${rootDirectory}`;

/** The zone that a host is in: the longest of them. Pure. */
const zoneOf = (host: string, zones: readonly string[]): string | undefined =>
  zones.filter((zone) => isInZone(host, zone)).sort((a, b) => b.length - a.length)[0];

/** A channel that pins a repository to a commit: one that is declared, else a new one that says so by its name. */
function channelOf(commit: string, repository: string, { releases }: Catalog, made: Map<string, string>): string {
  const known = Object.keys(releases).find((channel) => releaseRef(releases, channel, repository) === commit);
  if (known !== undefined) return known;
  const name = commit === UNKNOWN_COMMIT ? "live-unknown" : `live-${commit.slice(0, 12)}`;
  made.set(name, commit);
  return name;
}

function zonesOf(
  foreign: readonly Seen[],
  seen: readonly Seen[],
  catalog: Catalog,
  left: { seen: Seen; reason: string }[],
): PlannedZone[] {
  const declared = new Set(catalog.zones.map(({ name }) => name));
  const found = Map.groupBy(
    foreign.filter(({ role, name }) => role === "zone" && !declared.has(name)),
    ({ name }) => name,
  );
  return [...found].flatMap(([name, same]): PlannedZone[] => {
    const [zone] = same;
    if (zone === undefined) return [];
    if (same.length > 1) {
      for (const one of same) left.push({ seen: one, reason: `is one of ${same.length} zones of that name` });
      return [];
    }
    const records = seen.filter(({ role, of }) => role === "record" && of === zone.id);
    const star = records.find((one) => one.name === `*.${name}` && isWildcard(one));
    const written = records
      .filter((one) => one !== star)
      .flatMap((one) => {
        if (one.unsupported === undefined) return [recordOf(one, name)];
        return [];
      });
    const target = star === undefined ? undefined : (star.facts as unknown as RecordFacts).content;
    return [
      {
        name,
        dns: zone.vendor,
        kind: "cname",
        mode: "existing",
        wildcard: star !== undefined,
        target,
        records: written,
      },
    ];
  });
}

/** A record that the catalog makes of `wildcard`: a plain alias that visitors follow. */
function isWildcard({ facts }: Seen): boolean {
  const { type, proxied, ttl, comment } = facts as unknown as RecordFacts;
  return type === "CNAME" && !proxied && ttl === 1 && comment === undefined;
}

function recordsOf(
  foreign: readonly Seen[],
  seen: readonly Seen[],
  catalog: Catalog,
  left: { seen: Seen; reason: string }[],
): PlannedRows["records"][number][] {
  const zones = new Map(seen.filter(({ role }) => role === "zone").map(({ id, name }) => [id, name]));
  const declared = new Map(catalog.zones.map((zone) => [zone.name, zone]));
  const services = new Set(catalog.services.map(({ host }) => host));
  return foreign.flatMap((one) => {
    const zone = declared.get(zones.get(one.of ?? "") ?? "");
    if (one.role !== "record" || zone === undefined) return [];
    const reason =
      zone.mode === "skip"
        ? "is in a zone that is declared with mode skip"
        : services.has(one.name) && LEADING.has((one.facts as unknown as RecordFacts).type)
          ? "is at the name of a service, whose record follows from its host"
          : one.name === `*.${zone.name}` && zone.wildcard
            ? "is at the name of the zone's wildcard"
            : undefined;
    if (reason === undefined) return [{ zone: zone.name, record: recordOf(one, zone.name) }];
    left.push({ seen: one, reason });
    return [];
  });
}

/** Types of the one record that a service's host decides. */
const LEADING: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

function recordOf({ name, facts }: Seen, zone: string): PlannedRecord {
  const { type, content, ttl, proxied, priority, comment } = facts as unknown as RecordFacts;
  return {
    name: name === zone ? "@" : name.slice(0, -zone.length - 1),
    type,
    content: canonicalContent(type, content),
    ttl: ttl === 1 ? undefined : ttl,
    proxied: proxied || undefined,
    priority,
    comment,
  };
}
