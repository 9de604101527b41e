import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { environment } from "../../../environment/index.ts";
import { isSet } from "../flag.ts";
import { readIn } from "../store/copy-place.ts";
import { placesOf } from "../store/project.ts";
import { writeAtomically } from "../store/state-dir.ts";
import { type Entry, KIND } from "./entry.ts";
import { historyFiles } from "./history.ts";
import { JournalFile } from "./journal-file.ts";
import type { Begin } from "./protocol.ts";
import type { Replay } from "./replay.ts";
import type { StatePart } from "./state-part.ts";
import { replayOf, stateText } from "./state-text.ts";

/** How far apart the state's file is made anew from the journal at least, ms. What is written back to a bucket is that old at most. */
const APART_MS = 500;

/** What an update begins with. */
interface UpdateOptions {
  readonly begin: Begin;
  /** Version of the engine, as it names itself. */
  readonly engine: string;
  /** What the engine was given of the state. @default all of it */
  readonly part?: StatePart | undefined;
}

/** One update of a working copy: the engine tells its steps, and the state's file follows them. */
export class Update {
  readonly id = randomUUID();
  readonly #dir: string;
  readonly #stack: string;
  readonly #options: UpdateOptions;
  readonly #startedAt = Date.now();
  readonly #journal: JournalFile;
  readonly #replay: Replay;
  readonly #timer: NodeJS.Timeout;
  #changes: Readonly<Record<string, number>> | undefined;
  /** Resources that the engine was not given and would have found unchanged. */
  #unchanged = 0;
  #dirty = false;

  private constructor(dir: string, stack: string, options: UpdateOptions, journal: JournalFile, base: string) {
    this.#dir = dir;
    this.#stack = stack;
    this.#options = options;
    this.#journal = journal;
    this.#replay = replayOf(base);
    this.#timer = setInterval(() => this.#follow(), APART_MS);
  }

  /** @param dir of the working copy */
  static async begin(dir: string, stack: string, options: UpdateOptions): Promise<Update> {
    const base = readIn(dir, placesOf(stack).state);
    if (base === undefined) throw new Error(`the stack ${stack} is not there`);
    return new Update(dir, stack, options, await JournalFile.begin(dir, stack, options.engine), base);
  }

  /** Keeps entries: they are on disk when this returns, which is what the engine takes an answer for. @throws SitefleetError `state.steps` */
  async entries(told: readonly Entry[]): Promise<void> {
    const { part } = this.#options;
    // One that is not known must not reach the disk: a later run could not read the others then. One that comes again is written again.
    const entries = told.map((entry) => this.#take(entry));
    if (part && entries.some(({ state }) => state?.urn === part.left.witness)) this.#unchanged = part.left.resources;
    this.#dirty = true;
    await this.#journal.append(entries);
  }

  /** Takes one entry, as it reads for the whole state. */
  #take(told: Entry): Entry {
    const { part } = this.#options;
    const entry = part?.widened(told) ?? told;
    if (this.#replay.add(entry) && entry.kind === KIND.rebuiltBaseState)
      part?.rebased(this.#replay.deployment().deployment.resources ?? []);
    return entry;
  }

  /** What was done in all, as the engine counts. */
  counted(changes: Readonly<Record<string, number>>): void {
    this.#changes = changes;
  }

  /** Writes the state and what the engine's own backends write at the end of an update. */
  complete(status: string): void {
    this.#write();
    const ended = {
      begin: this.#options.begin,
      startedAt: this.#startedAt,
      endedAt: Date.now(),
      succeeded: status === "succeeded",
      changes: this.#counted(),
      given: new Set(Object.keys(environment())),
      state: readIn(this.#dir, placesOf(this.#stack).state) ?? "",
    };
    const backups = !isSet(environment().PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS);
    for (const { key, text } of historyFiles(this.#stack, ended, backups)) writeAtomically(join(this.#dir, key), text);
  }

  /** As an engine counts that is given all. */
  #counted(): Readonly<Record<string, number>> {
    const changes = this.#changes ?? {};
    return this.#unchanged > 0 ? { ...changes, same: (changes.same ?? 0) + this.#unchanged } : changes;
  }

  /** Ends it, however the engine did. @throws what kept the state from being written */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#journal.close();
    if (this.#dirty) this.#write();
    this.#journal.remove();
  }

  #follow(): void {
    if (!this.#dirty) return;
    try {
      this.#write();
    } catch {
      // The journal has it: the next turn tries again, and the end tells.
    }
  }

  #write(): void {
    const { state } = placesOf(this.#stack);
    writeAtomically(join(this.#dir, state), stateText(this.#stack, this.#replay.deployment(), this.#options.engine));
    this.#dirty = false;
  }
}
