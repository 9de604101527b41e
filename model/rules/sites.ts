import { CANARY } from "../cells.ts";
import type { Draft } from "../draft.ts";
import { projectName, sharedProjectKey, sharedProjectName } from "../names.ts";
import { type Place, type Report, show } from "../problem.ts";
import type { CatchAll, Site } from "../types.ts";
import type { LimitOf } from "./limits.ts";

/** A user of a project: a site, or a zone's catchAll. */
interface Use {
  readonly source: Pick<CatchAll, "repository" | "rootDirectory" | "framework" | "channel">;
  /** The project's name at Vercel. */
  readonly name: string;
  /** What makes it this project and no other: the host, or repository and root directory. */
  readonly identity: string;
  readonly shared: boolean;
  place(column: keyof typeof COLUMNS): Place;
}

/** How a field is called in sites.csv; in zones.yaml it has the same name as here. */
const COLUMNS = {
  repository: "repository",
  rootDirectory: "root_directory",
  framework: "framework",
  channel: "channel",
} as const;

/** What sites must hold to among each other and towards zones and releases. */
export function siteRules(draft: Draft, report: Report, limitOf: LimitOf): void {
  const uses = [...catchAllUses(draft), ...siteUses(draft)];
  checkReferences(draft, uses, report);
  checkPins(draft, uses, report);
  checkCanaries(draft, report, limitOf("sitefleet.canary-sites"));
  const projects = groupProjects(uses);
  checkNames(projects, report);
  for (const group of projects.values()) checkAgreement(group, report);
  checkLinks(projects, report, limitOf("vercel.repository-linked-projects"));
  checkDomains(projects, report, limitOf("vercel.project-domains"));
}

function siteUses(draft: Draft): Use[] {
  return (draft.sites ?? []).map((entry) => {
    const site: Site = entry.value;
    const shared = site.project === "shared";
    const name = shared ? sharedProjectName(site) : projectName(site);
    const identity = shared ? sharedProjectKey(site) : site.host;
    return { source: site, name, identity, shared, place: (column) => entry.at(COLUMNS[column]) };
  });
}

function catchAllUses(draft: Draft): Use[] {
  return (draft.zones ?? []).flatMap((entry): Use[] => {
    const { catchAll } = entry.value;
    if (!catchAll) return [];
    return [
      {
        source: catchAll,
        name: sharedProjectName(catchAll),
        identity: sharedProjectKey(catchAll),
        shared: true,
        place: (column) => entry.at("catchAll", column),
      },
    ];
  });
}

function checkReferences(draft: Draft, uses: readonly Use[], report: Report): void {
  const { zoneNames, channels } = draft;
  for (const entry of draft.sites ?? []) {
    if (zoneNames && !zoneNames.has(entry.value.zone)) {
      report("site.zone", entry.at("zone"), `${show(entry.value.zone)} is not declared`, `one of ${list(zoneNames)}`);
    }
  }
  const spelled = new Map<string, string>();
  for (const use of uses) {
    const { channel, repository } = use.source;
    if (channels && !channels.has(channel)) {
      report("site.channel", use.place("channel"), `${show(channel)} is not declared`, `one of ${list(channels)}`);
    }
    const first = spelled.get(repository.toLowerCase()) ?? repository;
    spelled.set(repository.toLowerCase(), first);
    if (first !== repository) {
      const wrong = `${show(repository)} is also spelled ${show(first)}`;
      report(
        "site.repository-spelling",
        use.place("repository"),
        wrong,
        "one spelling: GitHub does not tell them apart",
      );
    }
  }
}

/** A pin that nothing uses is most likely a misspelled one, and the release it should make would not happen. */
function checkPins(draft: Draft, uses: readonly Use[], report: Report): void {
  const { siteRepositories, zones, zoneNames } = draft;
  // A zone that is not valid may have the catchAll that uses it.
  if (!siteRepositories || !zones || !zoneNames || zones.length < zoneNames.size) return;
  const used = new Set([...siteRepositories, ...uses.map((use) => use.source.repository.toLowerCase())]);
  for (const { value, at } of draft.releases ?? []) {
    for (const repository of Object.keys(value.release.repositories).filter((name) => !used.has(name))) {
      const wrong = `${show(repository)} is used by no site and no catchAll`;
      report("release.repository", at("repositories", repository), wrong, "a repository of sites.csv or zones.yaml");
    }
  }
}

function checkCanaries(draft: Draft, report: Report, limit: number): void {
  const canaries = (draft.sites ?? []).filter((entry) => entry.value.tags.includes(CANARY));
  const over = canaries[limit];
  if (over) report("site.canary", over.at("tags"), `${canaries.length} sites are tagged canary`, `at most ${limit}`);
}

/** Uses by project. */
function groupProjects(uses: readonly Use[]): Map<string, Use[]> {
  const groups = new Map<string, Use[]>();
  for (const use of uses) {
    const group = groups.get(use.identity);
    if (group) group.push(use);
    else groups.set(use.identity, [use]);
  }
  return groups;
}

function checkNames(projects: ReadonlyMap<string, readonly Use[]>, report: Report): void {
  const taken = new Map<string, Place>();
  for (const [use] of projects.values()) {
    if (!use) continue;
    const place = use.place(use.shared ? "rootDirectory" : "repository");
    const first = taken.get(use.name);
    if (first === undefined) taken.set(use.name, place);
    else {
      const wrong = `the project would be called ${show(use.name)}, as the one of ${first.file}:${first.line}`;
      const field = use.shared ? place.field : "name";
      report("site.project-name", { ...place, field }, wrong, "another name: dots become hyphens in project names");
    }
  }
}

function checkAgreement(group: readonly Use[], report: Report): void {
  const [first] = group;
  if (!first?.shared) return;
  for (const use of group) {
    for (const column of ["framework", "channel"] as const) {
      if (use.source[column] === first.source[column]) continue;
      const { file, line } = first.place(column);
      const wrong = `${show(use.source[column])} differs from ${file}:${line}, which shares project ${use.name}`;
      report("site.shared", use.place(column), wrong, `${show(first.source[column])}, or another root directory`);
    }
  }
}

function checkLinks(projects: ReadonlyMap<string, readonly Use[]>, report: Report, limit: number): void {
  const linked = new Map<string, Use[]>();
  for (const [use] of projects.values()) {
    if (!use) continue;
    const key = use.source.repository.toLowerCase();
    const list = linked.get(key);
    if (list) list.push(use);
    else linked.set(key, [use]);
  }
  for (const uses of linked.values()) {
    const over = uses[limit];
    if (!over) continue;
    const wrong = `${show(over.source.repository)} is linked to ${uses.length} projects`;
    report("site.repository-links", over.place("repository"), wrong, `at most ${limit} a repository`);
  }
}

function checkDomains(projects: ReadonlyMap<string, readonly Use[]>, report: Report, limit: number): void {
  for (const group of projects.values()) {
    const over = group[limit];
    if (!over) continue;
    const wrong = `project ${over.name} has ${group.length} domains`;
    report("site.project-domains", over.place("rootDirectory"), wrong, `at most ${limit} a project`);
  }
}

function list(names: ReadonlySet<string>): string {
  return [...names].sort().join(", ") || "(none)";
}
