import type { Deployment, Operation, Resource } from "../../../../../fleet/backend/service/deployment.ts";
import { type Entry, KIND } from "../../../../../fleet/backend/service/entry.ts";
import { randomFrom } from "../../../../support/random.ts";

/** What an engine began with, and the entries that it sent. */
export interface Journal {
  readonly base: Deployment | undefined;
  readonly entries: readonly Entry[];
}

const urnOf = (type: string, name: string) => `urn:pulumi:s::p::${type}::${name}`;
const PROVIDER = "pulumi:providers:a";
const STACK = urnOf("pulumi:pulumi:Stack", "p-s");

/** Keys and values whose text differs between languages. */
const UNUSUAL = {
  b: { "10": 1, "9": "\u2028<&>\u0007\u007f", "-1": 0.1 },
  "\u{1f600}": 1e21,
  "\ufb01": 1e-7,
  "": [[], {}, null, false, 123456789012345680000],
  a: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:a+/=" },
};

/** Where a resource is: a place of the base, or the operation of this update that brought it. */
type At = { readonly old: number } | { readonly new: number };
interface Held {
  readonly at: At;
  readonly state: Resource;
}

/**
 * A small engine: it begins and ends steps as the real one does, some of them at once, some of them failing, and sends an entry
 * for each (pulumi's pkg/engine/journal_snapshot.go, 3.276).
 *
 * @param seed the same seed gives the same journal
 */
export function journalFrom(seed: number): Journal {
  return new EngineModel(randomFrom(seed)).run();
}

class EngineModel {
  readonly #random: () => number;
  readonly #entries: Entry[] = [];
  #operation = 0;
  #id = 0;
  #base: Deployment | undefined;
  /** What there is, in the order of the state. */
  #held: Held[] = [];
  /** What the program has declared so far. */
  #declared: Resource[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  run(): Journal {
    this.#base = this.#chance(0.8) ? this.#makeBase() : undefined;
    const base = this.#base;
    this.#held = (base?.resources ?? []).map((state, old) => ({ at: { old }, state }));
    this.#send(KIND.secretsManager, 0, {
      secretsProvider: { type: "passphrase", state: { salt: `v1:${this.#pick(["a", "b"])}` } },
    });
    if (this.#chance(0.15) && base) this.#send(KIND.write, 0, { newSnapshot: base });
    if (this.#chance(0.4)) this.#refresh();
    if (this.#chance(0.85)) this.#program();
    if (this.#chance(0.8)) this.#deletions();
    if (this.#chance(0.05))
      this.#send(KIND.snippets, 0, {
        snippets: [{ uuid: "u", name: "n", type: "t", code: "c", descriptor: { name: "d" }, references: { a: STACK } }],
      });
    // The engine may rebuild its base at the end of a refresh that ran the program.
    if (this.#chance(0.05)) this.#send(KIND.rebuiltBaseState, 0, {});
    return { base, entries: this.#entries };
  }

  #makeBase(): Deployment {
    const resources: Resource[] = [];
    for (const name of this.#names()) resources.push(this.#resource(name, resources, this.#pick([0, 1])));
    // What an earlier update had replaced and could not delete.
    for (const state of resources.slice(1))
      if (this.#chance(0.1))
        resources.push({ ...state, ...(state.custom === true && { id: `old-${++this.#id}` }), delete: true });
    const marked = resources.map((state, at) =>
      at > 0 && !state.delete && state.type !== PROVIDER && this.#chance(0.07)
        ? { ...state, pendingReplacement: true }
        : state,
    );
    const left = marked.filter(() => this.#chance(0.1));
    const pending: Operation[] = left.map((resource) => ({
      resource,
      type: this.#pick(["creating", "updating", "deleting"]),
    }));
    return {
      ...(this.#chance(0.8) && { secrets_providers: { type: "passphrase", state: { salt: "v1:a" } } }),
      ...(marked.length > 0 && { resources: marked }),
      ...(pending.length > 0 && { pending_operations: pending }),
      metadata: this.#chance(0.1) ? { integrity_error: { version: "3", command: "pulumi up", error: "an error" } } : {},
      ...(this.#chance(0.05) && { extensions: { ext: { name: "e", version: "1.0.0", value: "e30=" } } }),
    };
  }

  /** Names of a program's resources, those of its deepest layer last; the stack itself is the first. */
  #names(): readonly string[] {
    const all = ["p0", "c0", "r0", "r1", "r2", "r3", "r4", "r5", "r6"];
    return ["stack", ...all.filter(() => this.#chance(0.7))];
  }

  #resource(name: string, before: readonly Resource[], revision: number): Resource {
    if (name === "stack")
      return { urn: STACK, custom: false, type: "pulumi:pulumi:Stack", ...(revision > 0 && { outputs: { revision } }) };
    const present = before.filter((state) => !state.delete && !state.pendingReplacement);
    const some = (chance: number) => present.filter(() => this.#chance(chance)).map(({ urn }) => urn);
    const kind = name.startsWith("p") ? PROVIDER : name.startsWith("c") ? "a:b:C" : "a:b:T";
    const provider = present.find(({ type }) => type === PROVIDER);
    const dependencies = some(0.25);
    const replaceWith = this.#chance(0.1) ? some(0.2) : [];
    const deletedWith = this.#chance(0.15) ? some(0.3)[0] : undefined;
    const component = present.find(({ type }) => type === "a:b:C");
    const parent = component && kind === "a:b:T" && this.#chance(0.5) ? component.urn : present[0]?.urn;
    return {
      urn: urnOf(kind, name),
      custom: kind !== "a:b:C",
      ...(kind !== "a:b:C" && { id: `${name}-${++this.#id}` }),
      type: kind,
      inputs: { revision, text: this.#pick(["a", "ü<&>", "line\nline"]), ...(this.#chance(0.2) && UNUSUAL) },
      outputs: { revision, number: this.#pick([0, 1.5, 1e21, 1e-7]) },
      ...(parent && { parent }),
      ...(this.#chance(0.03) && { taint: true }),
      ...(this.#chance(0.2) && this.#more()),
      ...(dependencies.length > 0 && { dependencies }),
      ...(provider && kind === "a:b:T" && { provider: `${provider.urn}::${String(provider.id)}` }),
      ...(this.#chance(0.5) && {
        propertyDependencies: { text: this.#pick([[], null, dependencies]), revision: dependencies },
      }),
      ...(this.#chance(0.06) && { aliases: [urnOf(kind, `former-${name}`)] }),
      ...(deletedWith && { deletedWith }),
      ...(replaceWith.length > 0 && { replaceWith }),
      ...(this.#chance(0.03) && { refreshBeforeUpdate: true }),
      ...(this.#chance(0.03) && { resourceHooks: { "before-create": ["hook"] } }),
      ...(this.#chance(0.02) && { snippetID: "u" }),
    };
  }

  /** Fields that most resources do not have. */
  #more(): Partial<Resource> {
    return {
      stackTrace: [{ sourcePosition: "project:///index.ts#1,2" }],
      sourcePosition: "project:///index.ts#1,2",
      replacementTrigger: this.#pick<unknown>(["", 0, false, { b: 1, a: [] }]),
      modified: "2026-11-30T08:00:00.123456789Z",
      created: "2026-11-30T08:00:00Z",
      hideDiff: ["text"],
      ignoreChanges: ["text"],
      customTimeouts: { create: 60, delete: 0.5 },
      initErrors: ["not <yet> ready"],
      protect: true,
      retainOnDelete: true,
      importID: "given",
      additionalSecretOutputs: ["text"],
    };
  }

  /** A refresh before the program: resources are brought up to date where they stand, or go; then the base is rebuilt. */
  #refresh(): void {
    const gone = new Set<Held>();
    const next = new Map<Held, Resource>();
    for (const batch of this.#batches(this.#held)) {
      const begun = batch.map((held) => [held, this.#begin()] as const);
      for (const [held, operation] of this.#shuffled(begun)) {
        if (this.#chance(0.1)) {
          this.#send(KIND.failure, operation, { ...this.#remove(held), isRefresh: true, state: held.state });
          continue;
        }
        const deleted = !held.state.type?.startsWith("pulumi:") && this.#chance(0.2);
        const state = deleted ? undefined : { ...held.state, outputs: { refreshed: true } };
        this.#send(KIND.refreshSuccess, operation, { ...this.#remove(held), ...(state && { state }), isRefresh: true });
        if (state) next.set(held, state);
        else gone.add(held);
      }
    }
    this.#held = this.#held
      .filter((held) => !gone.has(held))
      .map((held) => ({ ...held, state: next.get(held) ?? held.state }));
    if (this.#chance(0.15)) {
      this.#stop();
      return;
    }
    this.#send(KIND.rebuiltBaseState, 0, {});
    const urns = new Set<string>();
    this.#held = this.#held.map(({ state }, old) => {
      const mended = withoutGone(state, urns);
      urns.add(state.urn);
      return { at: { old }, state: mended };
    });
  }

  #stopped = false;
  #stop(): void {
    this.#stopped = true;
  }

  /** The program declares resources in the order of their dependencies; what does not depend on each other goes at once. */
  #program(): void {
    if (this.#stopped) return;
    for (const batch of this.#batches(this.#names())) {
      const steps = batch.map((name) => this.#step(name)).filter((step) => step !== undefined);
      for (const end of this.#shuffled(steps)) end();
      if (this.#stopped) return;
    }
  }

  /** Begins what the program's resource needs, and gives back what ends it. */
  #step(name: string): (() => void) | undefined {
    const goal = this.#resource(name, this.#declared, this.#pick([0, 1, 2]));
    const live = this.#held.find(({ state }) => state.urn === goal.urn && !state.delete);
    const failed = this.#chance(0.07);
    const fail = (operation: number) => {
      this.#send(KIND.failure, operation, { state: goal });
      this.#stop();
    };
    const come = (operation: number, state: Resource) => {
      this.#held.push({ at: { new: operation }, state });
      this.#declared.push(state);
      if (this.#chance(0.25)) this.#outputs(operation, state);
    };
    if (!live || live.state.pendingReplacement) {
      const type = this.#pick(["creating", "creating", "reading", "importing"]);
      const operation = this.#begin({ resource: goal, type });
      return () => {
        if (failed) return fail(operation);
        this.#send(KIND.success, operation, { state: goal, ...(live && this.#remove(live)) });
        if (live) this.#drop(live);
        come(operation, goal);
      };
    }
    const kind =
      goal.type === "pulumi:pulumi:Stack"
        ? "same"
        : this.#pick(
            goal.type === PROVIDER
              ? ["same", "update", "replace"]
              : ["same", "same", "update", "replace", "replace-before", "persisted-refresh"],
          );
    if (kind === "replace") return this.#replace(live, goal, failed ? fail : undefined, come);
    if (kind === "replace-before") return this.#replaceAfterDeletion(live, goal, failed ? fail : undefined, come);
    const state = { ...goal, ...(live.state.id !== undefined && { id: live.state.id }) };
    const operation = this.#begin(kind === "update" ? { resource: state, type: "updating" } : undefined);
    return () => {
      if (failed && kind === "update") return fail(operation);
      const gone =
        kind === "persisted-refresh" && live.state.id !== undefined && !this.#used(live) && this.#chance(0.3);
      const refresh = kind === "persisted-refresh" ? { isRefresh: true } : {};
      this.#send(KIND.success, operation, { ...(!gone && { state }), ...this.#remove(live), ...refresh });
      this.#drop(live);
      if (!gone) come(operation, state);
    };
  }

  /** The new one is made first; the old one waits for its deletion. */
  #replace(
    live: Held,
    goal: Resource,
    fail: ((operation: number) => void) | undefined,
    come: (operation: number, state: Resource) => void,
  ) {
    const operation = this.#begin({ resource: goal, type: this.#pick(["creating", "importing"]) });
    return () => {
      if (fail) return fail(operation);
      const marks = "old" in live.at ? { deleteOld: live.at.old } : { deleteNew: live.at.new };
      this.#send(KIND.success, operation, { state: goal, ...marks });
      this.#change(live, { ...live.state, delete: true });
      come(operation, goal);
    };
  }

  /** The old one is deleted first, and stays as a note until the new one is there. */
  #replaceAfterDeletion(
    live: Held,
    goal: Resource,
    fail: ((operation: number) => void) | undefined,
    come: (operation: number, state: Resource) => void,
  ) {
    const deletion = this.#begin({ resource: live.state, type: "deleting" });
    const marks = "old" in live.at ? { pendingReplacementOld: live.at.old } : { pendingReplacementNew: live.at.new };
    this.#send(KIND.success, deletion, marks);
    const waiting = this.#change(live, { ...live.state, pendingReplacement: true });
    const operation = this.#begin({ resource: goal, type: "creating" });
    return () => {
      if (fail) return fail(operation);
      this.#send(KIND.success, operation, { state: goal, ...this.#remove(waiting) });
      this.#drop(waiting);
      come(operation, goal);
    };
  }

  #outputs(operation: number, state: Resource): void {
    const next = { ...state, outputs: { registered: true } };
    this.#send(KIND.outputs, ++this.#operation, { state: next, ...this.#remove({ at: { new: operation }, state }) });
    const held = this.#held.find(({ at }) => "new" in at && at.new === operation);
    if (held) this.#change(held, next);
  }

  /** What the program declares no more goes, and what was replaced: first those that others depend on least. */
  #deletions(): void {
    if (this.#stopped) return;
    const declared = new Set(this.#declared.map(({ urn }) => urn));
    const going = this.#held.filter(({ state }) => state.delete || !declared.has(state.urn)).reverse();
    for (const held of going) {
      if (this.#used(held)) continue;
      const noted = held.state.pendingReplacement === true;
      const operation = this.#begin(noted ? undefined : { resource: held.state, type: "deleting" });
      if (!noted && this.#chance(0.07)) {
        this.#send(KIND.failure, operation, {});
        if (this.#chance(0.5)) return;
        continue;
      }
      this.#send(KIND.success, operation, this.#remove(held));
      this.#drop(held);
    }
  }

  /** True when another needs this resource: it names it and no other has that name, or it is what provides it. */
  #used(held: Held): boolean {
    const { urn, id, type } = held.state;
    const others = this.#held.filter((other) => other !== held);
    if (type === PROVIDER && others.some(({ state }) => state.provider === `${urn}::${String(id)}`)) return true;
    if (held.state.delete && others.some(({ state }) => state.urn === urn)) return false;
    return others.some(({ state }) => namesOf(state).includes(urn));
  }

  #begin(operation?: Operation): number {
    this.#operation += 1;
    this.#send(KIND.begin, this.#operation, operation ? { operation } : {});
    return this.#operation;
  }

  #send(kind: number, operationID: number, more: Partial<Entry>): void {
    const sequenceID = this.#entries.length + 1;
    this.#entries.push({ version: 1, kind, sequenceID, operationID, removeOld: null, removeNew: null, ...more });
  }

  #remove({ at }: Held): Partial<Entry> {
    return "old" in at ? { removeOld: at.old } : { removeNew: at.new };
  }

  #drop(held: Held): void {
    this.#held = this.#held.filter((other) => other !== held);
  }

  #change(held: Held, state: Resource): Held {
    const next = { ...held, state };
    this.#held = this.#held.map((other) => (other === held ? next : other));
    return next;
  }

  #chance(of: number): boolean {
    return this.#random() < of;
  }

  #pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.#random() * of.length)] as T;
  }

  #shuffled<T>(of: readonly T[]): readonly T[] {
    return of
      .map((value) => [this.#random(), value] as const)
      .sort(([a], [b]) => a - b)
      .map(([, value]) => value);
  }

  /** Groups of one to three. */
  #batches<T>(of: readonly T[]): readonly (readonly T[])[] {
    const groups: T[][] = [];
    for (const value of of) {
      const last = groups.at(-1);
      // The stack is alone: all others are below it.
      if (last && groups.length > 1 && last.length < 3 && this.#chance(0.4)) last.push(value);
      else groups.push([value]);
    }
    return groups;
  }
}

/** The names of others in a resource. */
export function namesOf(state: Resource): readonly string[] {
  const { dependencies = [], propertyDependencies = {}, parent, provider, deletedWith, replaceWith = [] } = state;
  const properties = Object.values(propertyDependencies).flatMap((urns) => urns ?? []);
  const of = provider?.slice(0, provider.lastIndexOf("::"));
  return [
    ...dependencies,
    ...properties,
    ...replaceWith,
    ...[parent, of, deletedWith].filter((urn) => urn !== undefined),
  ];
}

/** As the engine forgets names of what a refresh took away. */
function withoutGone(state: Resource, before: ReadonlySet<string>): Resource {
  const { dependencies, deletedWith, parent, replaceWith, propertyDependencies, ...rest } = state;
  const kept = (urns: readonly string[] | null | undefined) => (urns ?? []).filter((urn) => before.has(urn));
  const properties = Object.entries(propertyDependencies ?? {}).map(([name, urns]) => [name, kept(urns)] as const);
  return {
    ...rest,
    ...(kept(dependencies).length > 0 && { dependencies: kept(dependencies) }),
    ...(kept(replaceWith).length > 0 && { replaceWith: kept(replaceWith) }),
    ...(properties.length > 0 && { propertyDependencies: Object.fromEntries(properties) }),
    ...(deletedWith && before.has(deletedWith) && { deletedWith }),
    ...(parent && before.has(parent) && { parent }),
  };
}
