import { SitefleetError } from "../../../errors/index.ts";
import type { Resource, Snippet } from "./deployment.ts";

const STACK_TYPE = "pulumi:pulumi:Stack";

/**
 * Resources that refer only to what stands before them in the list: a refresh takes resources away that others still name, and an
 * engine refuses such a state. A resource that names nothing missing stays the same object. Pure.
 *
 * The rules are those of rebuildDependencies in pulumi's pkg/backend/journal.go (3.276), but for one: a parent that is only left as
 * one that waits for its deletion, after the child, is forgotten here. There it stays, and the engine refuses that state.
 */
export function withoutDangling(resources: readonly Resource[]): readonly Resource[] {
  const before = new Set<string>();
  return resources.map((resource) => {
    const mended = mend(resource, before);
    before.add(resource.urn);
    return mended;
  });
}

function mend(resource: Resource, before: ReadonlySet<string>): Resource {
  const { dependencies = [], replaceWith = [], propertyDependencies = {}, deletedWith, parent } = resource;
  const known = (urn: string) => before.has(urn);
  const whole =
    dependencies.every(known) &&
    replaceWith.every(known) &&
    Object.values(propertyDependencies).every((urns) => urns?.length && urns.every(known)) &&
    (!deletedWith || known(deletedWith)) &&
    (!parent || known(parent));
  if (whole) return resource;
  const properties = Object.entries(propertyDependencies).map(
    ([name, urns]) => [name, (urns ?? []).filter(known)] as const,
  );
  return without(resource, {
    dependencies: dependencies.filter(known),
    propertyDependencies: Object.fromEntries(properties.filter(([, urns]) => urns.length > 0)),
    replaceWith: replaceWith.filter(known),
    deletedWith: deletedWith && known(deletedWith) ? deletedWith : "",
    parent: parent && known(parent) ? parent : "",
  });
}

/** URNs of all that a resource names: what it is in, what it is made by, and what it depends on. Pure. */
export function referredIn(resource: Resource): string[] {
  const { parent, dependencies, propertyDependencies, replaceWith, deletedWith, viewOf } = resource;
  const properties = Object.values(propertyDependencies ?? {}).flatMap((urns) => urns ?? []);
  const [provider] = splitProvider(resource.provider);
  const single = [parent, provider, deletedWith, viewOf].filter((urn): urn is string => Boolean(urn));
  return [...single, ...(dependencies ?? []), ...properties, ...(replaceWith ?? [])];
}

/** Whether an engine takes these resources for whole: each has its provider, and names only what stands before it. Pure. */
export function isInOrder(resources: readonly Resource[]): boolean {
  const before = new Set<string>();
  return resources.every((resource) => {
    const { urn, type = "", custom, id, provider } = resource;
    const needsProvider = custom === true && !type.startsWith("pulumi:providers:");
    const isKnown = provider ? before.has(provider) : !needsProvider;
    const isWhole = isKnown && referredIn(resource).every((one) => before.has(one)) && (custom !== true || Boolean(id));
    before.add(urn).add(`${urn}::${id}`);
    return isWhole;
  });
}

/** The resource with these fields; empty ones are left out, as the engine writes them. */
function without(resource: Resource, fields: Partial<Resource>): Resource {
  const next: Record<string, unknown> = { ...resource, ...fields };
  for (const name of Object.keys(fields)) {
    const value = next[name];
    if (!value || Object.keys(value).length === 0) delete next[name];
  }
  return next as unknown as Resource;
}

/**
 * Resources and snippets that name each other by present names: a resource that was renamed says its former names (`aliases`), and
 * a state is written without those. Where nothing was renamed, the same objects. Pure.
 *
 * The rules are those of DeploymentV3.NormalizeURNReferences in pulumi's apitype/core.go (3.276).
 *
 * @throws SitefleetError `state.steps` when two resources claim one former name
 */
export function withoutAliases(resources: readonly Resource[]): {
  readonly resources: readonly Resource[];
  readonly renamed: ReadonlyMap<string, string>;
} {
  const renamed = formerNames(resources);
  if (renamed.size === 0) return { resources, renamed };
  const now = (urn: string) => renamed.get(urn) ?? urn;
  return { resources: resources.map((resource) => rename(resource, now, renamed)), renamed };
}

/** Snippets that refer to resources by present names. Pure. */
export function renameInSnippets(
  snippets: readonly Snippet[],
  renamed: ReadonlyMap<string, string>,
): readonly Snippet[] {
  if (renamed.size === 0) return snippets;
  return snippets.map((snippet) =>
    snippet.references === undefined
      ? snippet
      : { ...snippet, references: mapValues(snippet.references, (urn) => renamed.get(urn) ?? urn) },
  );
}

function formerNames(resources: readonly Resource[]): Map<string, string> {
  const renamed = new Map<string, string>();
  for (const { urn, aliases = [], parent } of resources) {
    for (const alias of aliases) {
      const other = renamed.get(alias);
      if (other !== undefined && other !== urn)
        throw new SitefleetError({
          code: "state.steps",
          message: "two resources say that they had one former name",
          subject: alias,
          details: [other, urn],
          hint: "take the alias from one of them in the program",
        });
      renamed.set(alias, urn);
    }
    const nowBelow = parent ? renamed.get(parent) : undefined;
    if (nowBelow) {
      const type = qualifiedType(nowBelow);
      if (type !== STACK_TYPE) renamed.set(urn, below(urn, type));
    }
  }
  return renamed;
}

/** Types of a resource and those above it, the outermost first: the third part of `urn:pulumi:STACK::PROJECT::TYPES::NAME`. */
function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/** The name of a resource whose parent has these types. */
function below(urn: string, types: string): string {
  const [stack, project, own = "", ...name] = urn.split("::");
  const type = own.slice(own.lastIndexOf("$") + 1);
  return [stack, project, types === "" ? type : `${types}$${type}`, ...name].join("::");
}

function rename(resource: Resource, now: (urn: string) => string, renamed: ReadonlyMap<string, string>): Resource {
  const { urn, parent, provider, dependencies, propertyDependencies, deletedWith, viewOf, aliases = [] } = resource;
  const [of, id] = splitProvider(provider);
  const hit = [urn, ...referredIn(resource)].some((name) => renamed.has(name));
  if (!hit && aliases.length === 0) return resource;
  const { aliases: _, ...next } = resource;
  return {
    ...next,
    urn: now(urn),
    ...(parent && { parent: now(parent) }),
    ...(of !== undefined && { provider: `${now(of)}::${id}` }),
    ...(dependencies && { dependencies: dependencies.map(now) }),
    ...(propertyDependencies && {
      propertyDependencies: mapValues(propertyDependencies, (urns) => urns?.map(now) ?? null),
    }),
    ...(deletedWith && { deletedWith: now(deletedWith) }),
    ...(viewOf && { viewOf: now(viewOf) }),
  };
}

/** `URN::ID` in its two parts. */
function splitProvider(provider: string | undefined): readonly [urn?: string, id?: string] {
  const at = provider?.lastIndexOf("::") ?? -1;
  return at < 0 || !provider ? [] : [provider.slice(0, at), provider.slice(at + 2)];
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
