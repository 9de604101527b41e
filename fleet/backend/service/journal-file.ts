import { existsSync, linkSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { placesOf } from "../store/project.ts";
import { writeAtomically } from "../store/state-dir.ts";
import { replayOf, stateText } from "./state-text.ts";

/** Where an update's journal lies in a working copy: the state that it began with, and behind the engine's version what it has told since, an entry a line. */
const placesIn = (dir: string) => {
  const folder = join(dir, "journal");
  return { folder, base: join(folder, "base.json"), entries: join(folder, "entries.jsonl") };
};

/** The journal of the engine's steps in one update of a working copy, on this machine's disk. */
export class JournalFile {
  readonly #dir: string;
  readonly #file: FileHandle;
  /** Bytes of whole entries. */
  #length = 0;

  private constructor(dir: string, file: FileHandle) {
    this.#dir = dir;
    this.#file = file;
  }

  /** Begins one. The state's file is only ever replaced, so that a link keeps what it was. @param engine its version, as it names itself */
  static async begin(dir: string, stack: string, engine: string): Promise<JournalFile> {
    const { folder, base, entries } = placesIn(dir);
    // An attempt before this one may have found no room for its state.
    replayLeft(dir, stack);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    linkSync(join(dir, placesOf(stack).state), base);
    const journal = new JournalFile(dir, await open(entries, "a", 0o600));
    await journal.append([{ engine }]);
    return journal;
  }

  /** Adds entries, as the engine sent them: on disk when this returns. */
  async append(entries: readonly unknown[]): Promise<void> {
    const text = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#length += text.length;
    } catch (error) {
      // Half a line, of a full disk: what the engine sends again must not stand behind it.
      await this.#file.truncate(this.#length);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** The state's file holds all of it now. */
  remove(): void {
    rmSync(placesIn(this.#dir).folder, { recursive: true, force: true });
  }
}

/**
 * Puts what a killed update's journal tells into the state's file of a working copy. Does nothing where there is no journal.
 *
 * @throws SitefleetError `state.steps` for entries of an engine that this version does not know
 */
export function replayLeft(dir: string, stack: string): void {
  const { folder, base, entries } = placesIn(dir);
  if (!existsSync(entries)) return;
  const replay = replayOf(readFileSync(base, "utf8"));
  // The last line may have been cut off with the process; then the engine was never told that it was kept.
  const [first, ...lines] = readFileSync(entries, "utf8").split("\n").slice(0, -1);
  for (const line of lines) replay.add(JSON.parse(line));
  const { engine } = JSON.parse(first ?? '{"engine":""}') as { engine: string };
  if (lines.length > 0)
    writeAtomically(join(dir, placesOf(stack).state), stateText(stack, replay.deployment(), engine));
  rmSync(folder, { recursive: true, force: true });
}
