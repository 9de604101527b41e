import { COMPONENT } from "../../../components/tokens.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import type { Deployment, Resource } from "./deployment.ts";
import { type Entry, KIND, unknownEntry } from "./entry.ts";
import { isInOrder, referredIn } from "./references.ts";

/** What an engine was not given of a state. */
export interface Left {
  /** Number of resources. */
  readonly resources: number;
  /**
   * URN of a resource of another site that it was given all the same: once its program has ended, an engine finds what it leaves alone
   * unchanged. Where it finds this one so, it would have found the others as well.
   */
  readonly witness: string;
}

/**
 * What an operation that is limited to some sites of a cell needs of its state: all of it but the resources of other sites. An engine
 * reads each resource that it is given, and tells a step of each, also of one that nothing is to be done to.
 */
export class StatePart {
  /** What the engine is given. */
  readonly deployment: Deployment;
  readonly left: Left;
  /** What it is not given, by URN, in order. */
  readonly #others: ReadonlyMap<string, Resource>;
  /** Where in the whole state each resource of the part is. */
  #places: readonly number[] = [];
  /** Entries as they were widened: one that comes again names places of the state that it was told of. */
  readonly #widened = new Map<number, Entry>();

  private constructor(whole: Deployment, resources: readonly Resource[], left: ReadonlySet<string>, witness: string) {
    this.deployment = { ...whole, resources: resources.filter(({ urn }) => !left.has(urn)) };
    this.#others = new Map(resources.filter(({ urn }) => left.has(urn)).map((one) => [one.urn, one]));
    this.left = { resources: left.size, witness };
    this.rebased(resources);
  }

  /**
   * The part of a cell's state for some of its sites. Undefined where there is nothing to leave out, and where more than the sites
   * themselves may matter: something waits for its deletion, an update was cut off, or a site's resource names one of another site.
   *
   * @param hosts of the sites
   */
  static of(whole: Deployment, hosts: readonly string[]): StatePart | undefined {
    const resources = whole.resources ?? [];
    const more = [whole.pending_operations ?? [], whole.snippets ?? [], Object.keys(whole.extensions ?? {})];
    if (more.some(({ length }) => length > 0) || resources.some(isSpecial) || !isInOrder(resources)) return undefined;
    if (new Set(resources.map(({ urn }) => urn)).size < resources.length) return undefined;
    const siteOf = sitesOf(resources);
    const others = resources.flatMap(({ urn }) => {
      const site = siteOf.get(urn);
      return site === undefined || hosts.includes(site) ? [] : [urn];
    });
    const [witness, ...rest] = others;
    // What stands below another site under a name of one of these would be made anew.
    if (witness === undefined || others.some((urn) => hosts.includes(lastPartOf(urn)))) return undefined;
    const left = new Set(rest);
    // What both may name are the stack and its providers.
    const isShared = (urn: string) => urn === witness || !siteOf.has(urn);
    const isApart = (resource: Resource) =>
      referredIn(resource).every((urn) => (left.has(resource.urn) ? left.has(urn) || isShared(urn) : !left.has(urn)));
    return resources.every(isApart) ? new StatePart(whole, resources, left, witness) : undefined;
  }

  /** An entry of an engine that was given the part, as it reads for the whole state. @throws SitefleetError `state.steps` where it cannot */
  widened(entry: Entry): Entry {
    const known = this.#widened.get(entry.sequenceID);
    if (known) return known;
    const about = [entry.operation?.resource, entry.state].flatMap((one) =>
      one ? [one.urn, ...(one.aliases ?? [])] : [],
    );
    if (about.some((urn) => this.#others.has(urn)))
      throw unknownEntry("the engine takes for new what the state has, and what it was not given", entry);
    const next = this.#wide(entry);
    if (next !== entry) this.#widened.set(entry.sequenceID, next);
    return next;
  }

  /** The whole state is another one now: of that the engine's places are from here on. @param whole its resources */
  rebased(whole: readonly Resource[]): void {
    this.#places = whole.flatMap(({ urn }, place) => (this.#others.has(urn) ? [] : [place]));
  }

  #wide(entry: Entry): Entry {
    if (entry.kind === KIND.write && entry.newSnapshot) {
      const { resources, ...rest } = entry.newSnapshot;
      const whole = [...(resources ?? []), ...this.#others.values()];
      this.rebased(whole);
      return { ...entry, newSnapshot: { ...rest, resources: whole } };
    }
    const { removeOld, pendingReplacementOld, deleteOld } = entry;
    if (removeOld == null && pendingReplacementOld == null && deleteOld == null) return entry;
    const place = (part: number | null | undefined): number | null | undefined => {
      if (part == null) return part;
      const whole = this.#places[part];
      if (whole === undefined) throw unknownEntry("the engine names a resource that it was not given", entry);
      return whole;
    };
    return {
      ...entry,
      removeOld: place(removeOld),
      pendingReplacementOld: place(pendingReplacementOld),
      deleteOld: place(deleteOld),
    };
  }
}

/** What a target of a site is held against. */
const lastPartOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** Of whose state more is to be done than its declaration says. */
const isSpecial = (resource: Resource): boolean =>
  [
    resource.delete,
    resource.pendingReplacement,
    resource.taint,
    resource.viewOf,
    resource.refreshBeforeUpdate,
    resource.aliases?.length,
    resource.snippetID,
    resource.extensionRef,
  ].some(Boolean);

/** Hosts of the sites that resources belong to, by URN; without those that belong to none. Parents stand before their children. */
function sitesOf(resources: readonly Resource[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { urn, type, parent } of resources) {
    const site = type === COMPONENT.site ? nameOfUrn(urn) : parent && found.get(parent);
    if (site) found.set(urn, site);
  }
  return found;
}
