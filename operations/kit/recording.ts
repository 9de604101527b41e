import { existsSync } from "node:fs";
import { basename } from "node:path";
import { environment } from "../../environment/index.ts";
import { newRunId } from "../../fleet/backend/journal/journal.ts";
import { fileBackend } from "../../fleet/backend/store/file-backend.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { EventStream, harmless } from "../../fleet/events/stream.ts";
import type { RunEvent } from "../../fleet/events/types.ts";
import { headOf } from "../../fleet/gates/base.ts";
import type { Observation, Told } from "../../fleet/incidents/index.ts";
import { graceOf } from "../../fleet/notify/grace.ts";
import type { Notifier } from "../../fleet/notify/index.ts";
import { messageOf, topicOf } from "../../fleet/notify/message.ts";
import { groupOf, linkOf, whoRuns } from "../../fleet/run/preflight/who.ts";
import { defaultNotify, readNotify } from "../../model/index.ts";
import { Changes } from "./changed.ts";
import type { Estate } from "./estate.ts";
import type { FleetEvent } from "./events.ts";
import { failureOf } from "./failure.ts";
import { type About, observationsOf, runEventOf } from "./record.ts";
import { RUNS } from "./recorded.ts";
import { withoutSecretsOf } from "./secrets.ts";

/** What of the end of an operation may take, ms: the store, then the receivers ({@link GRACE_MS} of the notifier). */
const STORE_MS = 2000;
/** Keeps and tells what an operation does, beside it. Nothing here fails the operation, or waits for more than a few seconds at its end. */
export interface Recording {
  take(event: { readonly event: string }): void;
  /** It has ended; `document` is what it came to. */
  ended(document: unknown, exitCode: number): Promise<void>;
  failed(error: unknown): Promise<void>;
}

/** What of an operation's input says that it is about a part of the estate. */
const PARTS = ["stack", "cell", "except", "site", "service", "deployment", "services"] as const;

/** Opens the recording of an operation; undefined where nothing can be kept. */
export async function openRecording(
  operation: string,
  input: Readonly<Record<string, unknown>>,
  { catalogDir, configFile }: Estate,
): Promise<Recording | undefined> {
  try {
    // A backend's directory that is not there is a fault to be told, not a place to be made.
    const backend = fileBackend(environment());
    if (backend !== undefined && !existsSync(backend)) return undefined;
    const store = ownStore(stateDir(), await stateStore());
    const target = environment().SITEFLEET_TARGET || basename(configFile).replace(/^Pulumi\.|\.yaml$/g, "");
    // A repository that cannot be asked costs the commit, not the record.
    const commit = RUNS.has(operation) ? await headOf(catalogDir).catch(() => undefined) : undefined;
    const about = { operation, by: whoRuns(), target, commit, group: groupOf() };
    const choice = PARTS.some((name) => input[name] !== undefined);
    return new Recorder(store, about, choice, catalogDir);
  } catch {
    return undefined;
  }
}

class Recorder implements Recording {
  readonly #store: Store;
  readonly #about: About;
  readonly #choice: boolean;
  readonly #catalogDir: string;
  readonly #own = withoutSecretsOf(environment());
  readonly #env = environment();
  readonly #stream: EventStream;
  readonly #changes = new Changes();
  readonly #startedAt = Date.now();
  #begun = false;
  #notifier: Promise<Notifier | undefined> | undefined;

  constructor(store: Store, about: About, choice: boolean, catalogDir: string) {
    this.#store = store;
    this.#about = about;
    this.#choice = choice;
    this.#catalogDir = catalogDir;
    const { group } = about;
    this.#stream = new EventStream(store, group === undefined ? newRunId() : `${newRunId()}.${group}`, this.#own);
  }

  get #isRun(): boolean {
    return RUNS.has(this.#about.operation);
  }

  take(event: { readonly event: string }): void {
    try {
      if (!this.#isRun) return;
      const told = this.#once(event as FleetEvent);
      this.#changes.take(told);
      const kept = runEventOf(told, this.#about, told.event === "stack-ended" ? this.#changes.of(told) : undefined);
      if (kept === undefined) return;
      // Gates are asked before any work begins.
      if (this.#stream.entries.length === 0 && kept.event !== "started")
        this.#add({ event: "started", ...this.#about, total: 0 });
      this.#add(kept);
    } catch {}
  }

  /** A run begins once: further work of it, such as what comes after a preview for the gates, is so many stacks more. */
  #once(event: FleetEvent): FleetEvent {
    if (event.event !== "begun") return event;
    const more = this.#begun;
    this.#begun = true;
    return more ? { event: "more", stacks: event.total } : event;
  }

  #add(event: RunEvent): void {
    const entry = this.#stream.add(event);
    if (entry === undefined) return;
    const topic = topicOf(entry, this.#stream.entries);
    if (topic === undefined) return;
    const message = messageOf(this.#stream.id, topic, [...this.#stream.entries]);
    this.#notifier ??= this.#openNotifier();
    void this.#notifier.then((notifier) => notifier?.post(message)).catch(() => {});
  }

  async #openNotifier(): Promise<Notifier | undefined> {
    const receivers = readNotify(this.#catalogDir)?.receivers ?? [];
    if (receivers.length === 0) return undefined;
    const { Notifier } = await import("../../fleet/notify/index.ts");
    return new Notifier({ receivers, env: this.#env, store: this.#store });
  }

  async ended(document: unknown, exitCode: number): Promise<void> {
    const known = document as Readonly<Record<string, unknown>>;
    const run = typeof known.run === "string" ? known.run : undefined;
    const rollout =
      this.#about.operation.startsWith("rollout") && typeof known.id === "string" ? { rollout: known.id } : {};
    await this.#end({ ok: exitCode === 0, exitCode, ...(run === undefined ? {} : { run }), ...rollout }, known);
  }

  async failed(error: unknown): Promise<void> {
    // What told nothing has changed nothing, and its caller is told.
    if (!this.#begun && this.#stream.entries.length === 0) return;
    const { code, message } = failureOf(error);
    await this.#end({ ok: false, exitCode: 1, code, reason: message }, undefined);
  }

  async #end(
    how: { ok: boolean; exitCode: number; run?: string; rollout?: string; code?: string; reason?: string },
    document: Readonly<Record<string, unknown>> | undefined,
  ): Promise<void> {
    try {
      const error = how.code === undefined ? undefined : `${how.code} ${how.reason}`;
      const { operation } = this.#about;
      const ended = {
        operation,
        ok: how.ok,
        choice: this.#choice,
        entries: this.#stream.entries,
        document,
        error,
        link: linkOf(this.#env),
      };
      await within(STORE_MS, this.#observe(ended));
      if (this.#stream.entries.length > 0)
        this.#add({ event: "ended", ...how, milliseconds: Date.now() - this.#startedAt });
      const notifier = await this.#notifier;
      const grace = graceOf(Date.now() - this.#startedAt);
      await Promise.all([this.#stream.close(STORE_MS), notifier?.close(grace)]);
    } catch {}
  }

  async #observe(ended: Parameters<typeof observationsOf>[0]): Promise<void> {
    const declared = readNotify(this.#catalogDir);
    // What only looks writes nothing into the backend unless the catalog asks to be told.
    if (declared === undefined && !this.#isRun) return;
    const limits = (declared ?? defaultNotify()).incidents;
    const seen = observationsOf(ended, limits).map((one): Observation => harmless(one, this.#own));
    if (seen.length === 0) return;
    const { incidentMessage, takeObservations } = await import("../../fleet/incidents/index.ts");
    const now = Date.now();
    const told = await takeObservations(this.#store, seen, limits.repeatMinutes * 60_000, now);
    if (told.length === 0) return;
    this.#notifier ??= this.#openNotifier();
    const notifier = await this.#notifier;
    for (const one of told) {
      notifier?.post(incidentMessage(one, now));
      if (this.#isRun) this.#stream.add(eventOf(one));
    }
  }
}

const eventOf = ({ change, incident }: Told): RunEvent => {
  const { id, rule, scope, sentence } = incident;
  return { event: "incident", id, rule, scope, change, sentence };
};

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => {}), promise]);
  clearTimeout(timer);
}
