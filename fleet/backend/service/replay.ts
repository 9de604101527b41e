import type { Deployment, Operation, Resource, TypedDeployment } from "./deployment.ts";
import { type Entry, KIND, unknownEntry } from "./entry.ts";
import { BYTE_STRING, featuresOf } from "./features.ts";
import { renameInSnippets, withoutAliases, withoutDangling } from "./references.ts";

/**
 * What a stack holds after the steps that an engine has sent so far. Entries come in the order in which the engine sends them;
 * one that comes again, after a lost answer, changes nothing.
 *
 * A crash after any entry leaves a state that an engine takes: what was ended is in it, what was begun is a pending operation.
 * Our own work on the form of JournalReplayer in pulumi's pkg/backend/journal.go (3.276); a test compares the two. Two rules
 * differ: a step that names an operation which brought no resource changes nothing here, and there it hits the first resource; and what
 * the program declares after a refresh keeps its empty lists of dependencies here, as in a state of plain `pulumi up --refresh`.
 */
export class Replay {
  /** The state before, at the places that entries name; undefined where a resource is gone, or stands among the new ones. */
  #old: (Resource | undefined)[] = [];
  /** Places whose resource a refresh or its outputs brought up to date: later marks on the old one do not count. */
  #updated = new Set<number>();
  #new: (Resource | undefined)[] = [];
  /** Where the resource of an operation is among the new ones. */
  #placeOf = new Map<number, number>();
  #begun = new Map<number, Operation | undefined>();
  #seen = new Set<number>();
  /** Everything of the base beside resources and pending operations. */
  #base: Deployment = {};
  /** Creations that an earlier run had begun: only a person, or a refresh, says what became of them. */
  #leftOver: readonly Operation[] = [];
  #extensions: Record<string, unknown> = {};
  #refreshed = false;
  #byteString: boolean;

  /**
   * @param base what the stack held before; undefined when it was never updated. It is not changed
   * @param features those of the state before: one that cannot be seen in a state is kept
   */
  constructor(base?: Deployment, features: readonly string[] = []) {
    this.#byteString = features.includes(BYTE_STRING);
    this.#rebase(base ?? {});
  }

  /**
   * Takes one more entry; in constant time, but for those that replace the base.
   *
   * @returns false when it was there already
   * @throws SitefleetError `state.steps` for an entry of a version or kind that is not known; nothing is changed then
   */
  add(entry: Entry): boolean {
    if (entry.version !== 1 && entry.version !== 2)
      throw unknownEntry(`the engine's journal has version ${entry.version}, which this version does not know`, entry);
    if (this.#seen.has(entry.sequenceID)) return false;
    this.#take(entry);
    this.#seen.add(entry.sequenceID);
    if (entry.requiresByteString) this.#byteString = true;
    return true;
  }

  /**
   * What the stack holds now, in time that follows the number of its resources. Later entries do not change it. A resource that
   * did not change since the last call is the same object.
   *
   * @throws SitefleetError `state.steps` when two resources claim one former name
   */
  deployment(): TypedDeployment {
    const present = [...this.#new, ...this.#old].filter((resource) => resource !== undefined);
    const begun = [...this.#begun.values()].filter((operation) => operation !== undefined);
    const pending = [...begun, ...this.#leftOver];
    const features = featuresOf([...present, ...pending.map(({ resource }) => resource)], {
      byteString: this.#byteString,
      snippets: (this.#base.snippets?.length ?? 0) > 0,
    });
    const { resources, renamed } = withoutAliases(this.#refreshed ? withoutDangling(present) : present);
    const snippets = renameInSnippets(this.#base.snippets ?? [], renamed);
    const extensions = { ...this.#extensions, ...this.#base.extensions };
    const deployment = {
      ...(this.#base.secrets_providers != null && { secrets_providers: this.#base.secrets_providers }),
      ...(resources.length > 0 && { resources }),
      ...(pending.length > 0 && { pending_operations: pending }),
      metadata: this.#base.metadata ?? {},
      ...(snippets.length > 0 && { snippets }),
      ...(Object.keys(extensions).length > 0 && { extensions }),
    };
    return { version: features.length > 0 ? 4 : 3, features, deployment };
  }

  #take(entry: Entry): void {
    switch (entry.kind) {
      case KIND.begin:
        this.#begun.set(entry.operationID, entry.operation ?? undefined);
        return;
      case KIND.success:
        this.#succeed(entry);
        return;
      case KIND.failure:
        this.#begun.delete(entry.operationID);
        return;
      case KIND.refreshSuccess:
        this.#begun.delete(entry.operationID);
        this.#refreshed = true;
        this.#putOld(entry.removeOld, entry.state);
        this.#putNew(entry.removeNew, entry.state);
        return;
      case KIND.outputs:
        if (!entry.state) return;
        this.#putOld(entry.removeOld, entry.state);
        this.#putNew(entry.removeNew, entry.state);
        return;
      case KIND.write:
        this.#setBase(entry.newSnapshot ?? {});
        return;
      case KIND.secretsManager:
        if (entry.secretsProvider != null) this.#base = { ...this.#base, secrets_providers: entry.secretsProvider };
        return;
      case KIND.rebuiltBaseState:
        this.#rebase(this.deployment().deployment);
        // Nothing dangles now; what the program declares from here on stays as it is, as plain `pulumi up --refresh` writes it.
        this.#refreshed = false;
        return;
      case KIND.extensionParameterize:
        if (entry.extensionRef) this.#extensions = { ...this.#extensions, [entry.extensionRef]: entry.extension };
        return;
      case KIND.snippets:
        this.#base = { ...this.#base, snippets: entry.snippets ?? [] };
        return;
      default:
        throw unknownEntry(`the engine's journal has an entry of kind ${entry.kind}, which is not known`, entry);
    }
  }

  /** A step that went well: a resource comes, goes, or is marked. */
  #succeed(entry: Entry): void {
    const { operationID, state, removeOld, removeNew } = entry;
    this.#begun.delete(operationID);
    if (entry.isRefresh) this.#refreshed = true;
    if (state) {
      this.#placeOf.set(operationID, this.#new.length);
      this.#new.push(state);
    }
    this.#putOld(removeOld, undefined);
    this.#putNew(removeNew, undefined);
    this.#mark(entry.deleteOld, entry.deleteNew, { delete: true });
    this.#mark(entry.pendingReplacementOld, entry.pendingReplacementNew, { pendingReplacement: true });
  }

  /** Puts a state in the place of a resource of the base, or takes that away; one that is gone stays gone. */
  #putOld(place: number | null | undefined, state: Resource | null | undefined): void {
    if (place == null || this.#old[place] === undefined) return;
    this.#old[place] = state ?? undefined;
    this.#updated.add(place);
  }

  /** The same for a resource that an operation of this update brought. */
  #putNew(operation: number | null | undefined, state: Resource | null | undefined): void {
    const place = operation == null ? undefined : this.#placeOf.get(operation);
    if (place !== undefined && this.#new[place] !== undefined) this.#new[place] = state ?? undefined;
  }

  #mark(
    place: number | null | undefined,
    operation: number | null | undefined,
    mark: { readonly delete?: true; readonly pendingReplacement?: true },
  ): void {
    const old = place == null || this.#updated.has(place) ? undefined : this.#old[place];
    if (place != null && old) this.#old[place] = { ...old, ...mark };
    const at = operation == null ? undefined : this.#placeOf.get(operation);
    const fresh = at === undefined ? undefined : this.#new[at];
    if (at !== undefined && fresh) this.#new[at] = { ...fresh, ...mark };
  }

  /** The state before is another now; the engine sends that before anything of its resources. */
  #setBase(base: Deployment): void {
    this.#base = base;
    this.#old = [...(base.resources ?? [])];
    this.#leftOver = (base.pending_operations ?? []).filter(({ type }) => type === "creating");
  }

  /** All that was done so far is the state before, and places count in it. */
  #rebase(base: Deployment): void {
    this.#setBase(base);
    this.#updated = new Set();
    this.#new = [];
    this.#placeOf = new Map();
    this.#begun = new Map();
    this.#extensions = {};
  }
}
