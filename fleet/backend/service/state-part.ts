import { COMPONENT } from "../../../components/tokens.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import type { Deployment, Resource } from "./deployment.ts";
import { type Entry, KIND, unknownEntry } from "./entry.ts";
import { referredIn } from "./references.ts";

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
  /** What it is not given, in order. */
  readonly #others: readonly Resource[];
  /** Where in the whole state each resource of the part is. */
  #places: readonly number[];

  private constructor(whole: Deployment, isLeft: readonly boolean[], witness: string) {
    const { resources = [] } = whole;
    this.deployment = { ...whole, resources: resources.filter((_, place) => !isLeft[place]) };
    this.#others = resources.filter((_, place) => isLeft[place]);
    this.left = { resources: this.#others.length, witness };
    this.#places = resources.flatMap((_, place) => (isLeft[place] ? [] : [place]));
  }

  /**
   * The part of a cell's state for some of its sites. Undefined where there is nothing to leave out, and where more than the sites
   * themselves may matter: something waits for its deletion, an update was cut off, or a site's resource names one of another site.
   *
   * @param hosts of the sites
   */
  static of(whole: Deployment, hosts: readonly string[]): StatePart | undefined {
    const { resources = [], pending_operations = [], snippets = [], extensions = {} } = whole;
    if (pending_operations.length > 0 || snippets.length > 0 || Object.keys(extensions).length > 0) return undefined;
    if (resources.some(isSpecial) || new Set(resources.map(({ urn }) => urn)).size < resources.length) return undefined;
    const siteOf = sitesOf(resources);
    const isOther = ({ urn }: Resource) => {
      const site = siteOf.get(urn);
      return site !== undefined && !hosts.includes(site);
    };
    const witness = resources.find(isOther)?.urn;
    if (witness === undefined) return undefined;
    const isLeft = resources.map((resource) => isOther(resource) && resource.urn !== witness);
    const left = new Set(resources.filter((_, place) => isLeft[place]).map(({ urn }) => urn));
    // What both may name are the stack and its providers.
    const isShared = (urn: string) => urn === witness || !siteOf.has(urn);
    const isApart = (resource: Resource, place: number) =>
      referredIn(resource).every((urn) => (isLeft[place] ? left.has(urn) || isShared(urn) : !left.has(urn)));
    return resources.every(isApart) ? new StatePart(whole, isLeft, witness) : undefined;
  }

  /** An entry of an engine that was given the part, as it reads for the whole state. @throws SitefleetError `state.steps` where it cannot */
  widened(entry: Entry): Entry {
    if (entry.kind === KIND.rebuiltBaseState)
      throw unknownEntry("the engine has made the state anew, of which it was given a part", entry);
    if (entry.kind === KIND.write && entry.newSnapshot) {
      const { resources = [], ...rest } = entry.newSnapshot;
      this.#places = resources.map((_, place) => place);
      return { ...entry, newSnapshot: { ...rest, resources: [...resources, ...this.#others] } };
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
