import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../fleet/backend/store/store.ts";
import type { AgentCall } from "../fleet/events/calls.ts";
import { FOLDER } from "../fleet/events/calls.ts";
import { cleanData, cleanText } from "./clean.ts";

/** Between two writes into the shared store, ms. */
const WRITE_MS = 1000;
/** Characters of what a call was given that are kept. */
const KEPT = 500;

/** Writes every call of a session down: on this disk before its answer leaves, and in the shared store within a second. */
export class Audit {
  readonly #file: string;
  readonly #key: string;
  readonly #store: Store;
  readonly #own: (text: string) => string;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(stateDir: string, store: Store, session: string, own: (text: string) => string) {
    const dir = join(stateDir, FOLDER, "local");
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#file = join(dir, `${session}.jsonl`);
    this.#key = `${FOLDER}/${session}.jsonl`;
    this.#store = store;
    this.#own = own;
  }

  /** Throws where this disk takes nothing: a call that cannot be written down is not answered. */
  note(call: Omit<AgentCall, "at" | "said"> & { readonly said: unknown }): void {
    const said = cleanText(JSON.stringify(cleanData(call.said, this.#own).data) ?? "", this.#own, KEPT);
    const what = cleanText(call.what, this.#own, 100);
    const line = `${JSON.stringify({ at: new Date().toISOString(), ...call, what, said })}\n`;
    appendFileSync(this.#file, line, { mode: 0o600 });
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_MS).unref();
  }

  /** Writes what waits into the store; never rejects: the disk has it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#waiting.splice(0).join("");
    if (lines !== "") this.#writing = this.#writing.then(() => this.#store.append(this.#key, lines)).catch(() => {});
    return this.#writing;
  }
}
