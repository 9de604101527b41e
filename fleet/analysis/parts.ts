import { posix } from "node:path";
import { type Catalog, secretsHome, stackOf } from "../../model/index.ts";
import { type ArtifactInfo, desiredState, type StackState } from "../../stacks/desired.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { SHARED_STACK, stackKind, stackNames } from "../../stacks/names.ts";
import { difference, type PartChange, type StackChange } from "../../stacks/state.ts";
import { affectedByPush } from "../budget/strategy/affected.ts";
import type { Push } from "./push.ts";

type Service = Catalog["services"][number];

/** A part of the estate that a push touches. */
export interface Touched extends PartChange {
  readonly stack: string;
  /** What of it is declared otherwise, in words. */
  readonly why: readonly string[];
}

/** What a push touches. */
export interface Compared {
  readonly changes: readonly StackChange[];
  readonly touched: readonly Touched[];
  /** Changed files of the program itself: what they do only a preview shows. */
  readonly code: readonly string[];
}

/** Files that change nothing at a vendor. */
const HARMLESS = /^(?:docs|test|bench|approvals|\.github)\/|(?:^|\/)(?:README|CHANGELOG|LICENSE|CONTRIBUTING)|\.md$/;
const CELL: StackState = { kind: "cell", sites: [] };

/** Whether a catalog stands for none: there was nothing before. Pure. */
export const declaresNothing = (catalog: Pick<Catalog, "secrets">): boolean => secretsHome(catalog).repository === "";

/** Compares what two catalogs declare, stack by stack. Pure. */
export function comparePush({ before, after, files, prefix }: Push): Compared {
  const inside = prefix === "" ? "" : `${prefix}/`;
  const was = new Map(before.services.map((service): [string, ArtifactInfo] => [service.key, artifactOf(service, "")]));
  const next = new Map(
    after.services.map((service): [string, ArtifactInfo] => {
      const changed = sourcesOf(service, prefix).some((dir) => files.some((file) => file.startsWith(`${dir}/`)));
      return [service.key, artifactOf(service, changed ? "pushed" : "")];
    }),
  );
  const names = [...new Set([...stackNames(before), ...stackNames(after)])];
  const known = [new Set(stackNames(before)), new Set(stackNames(after))] as const;
  const changes = names.flatMap((stack): StackChange[] => {
    const then = known[0].has(stack) && !declaresNothing(before) ? desiredState(before, stack, was) : undefined;
    const target = known[1].has(stack) ? desiredState(after, stack, next) : emptied(stack, then);
    if (target === undefined || canonicalJson(then ?? null) === canonicalJson(target)) return [];
    return [{ stack, before: then, target }];
  });
  const built = after.services.flatMap((service) => sourcesOf(service, prefix));
  const code = files.filter(
    (file) =>
      !(inside === "" ? !file.includes("/") || file.startsWith("schema/") : file.startsWith(inside)) &&
      !built.some((dir) => file.startsWith(`${dir}/`)) &&
      !HARMLESS.test(file),
  );
  return { changes, touched: changes.flatMap(partsOf), code };
}

/** What a push to a site's own repository touches: a new release of each of its sites. Pure. */
export function compareSource(catalog: Catalog, repository: string, files: readonly string[]): Compared {
  const { hosts, shared } = affectedByPush(catalog.sites, { repository, files });
  const touched = new Set(hosts);
  const sites = catalog.sites.filter(({ host }) => touched.has(host));
  const stacks = new Set(sites.map((site) => (site.project === "own" ? stackOf(site) : SHARED_STACK)));
  const projects = new Set(sites.map(({ rootDirectory }) => rootDirectory));
  const own = repository.toLowerCase();
  const changes = [...stacks].flatMap((stack): StackChange[] => {
    const before = desiredState(catalog, stack);
    if (before?.kind === "cell") {
      const next = before.sites.map((site) =>
        touched.has(site.host) && site.project.kind === "own" ? { ...site, commit: PUSHED } : site,
      );
      return [{ stack, before, target: { ...before, sites: next } }];
    }
    if (before?.kind !== "shared") return [];
    const next = before.projects.map((one) =>
      one.repository.toLowerCase() === own && projects.has(one.rootDirectory ?? "") ? { ...one, commit: PUSHED } : one,
    );
    return [{ stack, before, target: { ...before, projects: next } }];
  });
  const why =
    shared.length > 0 ? `a push to ${repository}, with files of no site's own directory` : `a push to ${repository}`;
  return { changes, touched: changes.flatMap(partsOf).map((part) => ({ ...part, why: [why] })), code: [] };
}

/** Stands for the commit that was pushed. */
const PUSHED = "pushed";

const artifactOf = ({ artifact }: Service, digest: string): ArtifactInfo => ({
  dir: posix.normalize(`catalog/${artifact}`),
  digest,
});

/** Directories of the repository whose files are a service's release. */
function sourcesOf({ artifact, build }: Service, prefix: string): string[] {
  const within = (path: string) => posix.normalize(posix.join(prefix, path));
  const source = build === undefined ? [] : [within(posix.join(build.repository, build.directory))];
  return [within(artifact), ...source].filter((dir) => !dir.startsWith("..") && dir !== ".");
}

/** What a stack that the catalog needs no more is to be: without sites and services. */
function emptied(stack: string, before: StackState | undefined): StackState | undefined {
  if (stackKind(stack)?.kind === "cell") return CELL;
  return before?.kind === "plesk" ? { ...before, hosts: [], services: [] } : undefined;
}

function partsOf({ stack, before, target }: StackChange): Touched[] {
  return difference(before, target).map((part) => ({ ...part, stack, why: whyOf(part, before, target) }));
}

/** A part's declaration. */
export function declarationOf(
  state: StackState | undefined,
  { part, name }: Pick<PartChange, "part" | "name">,
): object | undefined {
  switch (state?.kind) {
    case "cell":
      return state.sites.find(({ host }) => host === name);
    case "plesk":
      return part === "host"
        ? state.hosts.find(({ key }) => key === name)
        : state.services.find(({ key }) => key === name);
    case "shared":
      if (part === "project") return state.projects.find((one) => one.name === name);
      if (part === "zone") return state.zones.find((one) => one.name === name);
      return part === "secret" ? state.environment.secrets.find((one) => one.name === name) : state.environment;
    default:
      return undefined;
  }
}

/** What fields are called by people. */
const WORDS: Readonly<Record<string, string>> = {
  commit: "release",
  artifactDigest: "files of its release",
  check: "how it is checked",
  project: "its project",
  release: "how it is checked",
  records: "DNS records",
  cdn: "CDN settings",
  rootDirectory: "root directory",
  wildcardDomains: "wildcard domains",
};

function whyOf(part: PartChange, before: StackState | undefined, after: StackState): string[] {
  if (part.change === "added") return ["it is declared for the first time"];
  if (part.change === "removed") return ["it is declared no more"];
  const [then, now] = [declarationOf(before, part), declarationOf(after, part)] as Record<string, unknown>[];
  const fields = [...new Set([...Object.keys(then ?? {}), ...Object.keys(now ?? {})])];
  return fields
    .filter((field) => canonicalJson(then?.[field] ?? null) !== canonicalJson(now?.[field] ?? null))
    .map((field) => {
      if (field !== "commit") return `${WORDS[field] ?? field} changed`;
      const short = (value: unknown) => (typeof value === "string" ? value.slice(0, 12) : "what is live");
      return `release ${short(then?.commit)} becomes ${short(now?.commit)}`;
    });
}
