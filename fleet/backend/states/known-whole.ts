import { statSync } from "node:fs";
import { keepFinding, keepsFindings, keptFinding } from "../../../environment/kept.ts";
import type { BackendFiles } from "./backend-files.ts";

/** A state that was read and found to be whole. */
interface Known {
  /** Of its file then: size, times of change in nanoseconds, inode. */
  readonly stamp: string;
  /** Time of its last write as it says; undefined when it says none. */
  readonly time?: string | undefined;
}

/** A file that was written so short a time ago may be written again with the same stamp, ms: file systems count in ticks. */
const SETTLED_MS = 2000;

/**
 * Which states of a directory were read by earlier commands, found to be whole, and have not been written since: not one byte of them need
 * be read again. 5000 sites are 60 MB of states.
 */
export class KnownWhole {
  readonly #backend: BackendFiles;
  readonly #known: ReadonlyMap<string, Known>;
  readonly #now = new Map<string, Known>();

  /** Of a backend's states; knows none where it is no directory. */
  constructor(backend: BackendFiles) {
    this.#backend = backend;
    const found = this.#isKept() ? keptFinding<ReadonlyMap<string, Known>>(this.#subject()) : undefined;
    this.#known = found ?? new Map();
  }

  /** What tells whether a state is written; undefined where that is not known. To be asked before it is read. @param path below the backend's address */
  stampOf(path: string): string | undefined {
    if (!this.#isKept()) return undefined;
    try {
      const { size, mtimeNs, ctimeNs, ino, dev } = statSync(this.#backend.named(path), { bigint: true });
      return [size, mtimeNs, ctimeNs, ino, dev].join(" ");
    } catch {
      return undefined;
    }
  }

  /** The state with this stamp, when it is known to be whole. */
  find(path: string, stamp: string | undefined): { readonly time: string | undefined } | undefined {
    const known = stamp === undefined ? undefined : this.#known.get(path);
    if (known === undefined || known.stamp !== stamp) return undefined;
    this.#now.set(path, known);
    return { time: known.time };
  }

  /** Notes that a state was read whole. @param stamp of before it was read */
  note(path: string, stamp: string | undefined, time: string | undefined): void {
    if (stamp === undefined) return;
    const [, modified = 0, changed = 0] = stamp.split(" ").map(Number);
    const written = Math.max(modified, changed) / 1e6;
    if (written < Date.now() - SETTLED_MS) this.#now.set(path, { stamp, time });
  }

  /** Keeps what is known now. */
  keep(): void {
    const isNew = [...this.#now].some(([path, { stamp }]) => this.#known.get(path)?.stamp !== stamp);
    if (!isNew) return;
    keepFinding(this.#subject(), new Map([...this.#known, ...this.#now]));
  }

  #isKept(): boolean {
    return this.#backend.kind === "directory" && keepsFindings();
  }

  #subject() {
    return { kind: "states", name: this.#backend.named(""), from: "" };
  }
}
