import pLimit from "p-limit";
import { environment } from "../../../environment/index.ts";
import type { SitefleetError } from "../../../errors/index.ts";
import { HISTORIES, JSON_END, LOCKS, PROJECT_NAME, placesOf, STACKS } from "../store/project.ts";
import { type BackendFiles, backendFiles } from "./backend-files.ts";
import { type Copy, stateDamaged } from "./damaged.ts";
import { KnownWhole } from "./known-whole.ts";
import { type Damage, readStateBytes } from "./read-state.ts";
import { type StateFile, statesAmong } from "./state-files.ts";

/** The state before the last write, in the stacks' folder. */
const BACKUP = new RegExp(`^([^/]+)${JSON_END}\\.bak$`);
/** A state after an update, and the record of the update, in the folder of a stack's history. */
const CHECKPOINT = new RegExp(`\\.checkpoint${JSON_END}$`);
const HISTORY = new RegExp(`\\.history${JSON_END}$`);

/** Stacks that are looked at, at once. */
const AT_ONCE = 8;
/** Entries of a history that are looked at for a whole copy, the newest first. */
const COPIES = 5;
/** Bytes of a state that hold when it was written. */
const HEAD_BYTES = 4096;
/** Machines' clocks may differ by so much, ms: a state that is older than its history by less may be another machine's. */
const SKEW_MS = 60_000;

/** A stack whose state cannot be worked with. */
export interface StateFault {
  readonly stack: string;
  /** `state.damaged` */
  readonly error: SitefleetError;
  readonly damage: Damage;
  /** Path of the state below the backend's address. */
  readonly path: string;
  /** Path of the newest whole copy. */
  readonly copy?: string;
  /** The state cannot be read at all and lies in a directory: an update puts the copy in its place. */
  readonly mendable: boolean;
}

/** What is damaged so that nothing of it can be read: a copy in its place loses nothing that the file still holds. */
const UNREADABLE = new Set<Damage["kind"]>(["empty", "cut-off", "no-json", "compressed"]);

/** Lists at once what may be left of stacks without a state: of a backend without any stack one list says that there are no histories. */
export async function listLeftovers(env: NodeJS.ProcessEnv = environment()): Promise<void> {
  const backend = await backendFiles(env);
  if (backend) await Promise.all([backend.below(HISTORIES), backend.below(LOCKS)]);
}

/**
 * Looks at the states of these stacks, whole, and at what is left of those that have none. Reads only.
 *
 * @param stacks names, with or without a state
 * @returns the ones that cannot be worked with, by name; empty where the backend cannot be read from here
 * @throws SitefleetError `store.unreachable`
 */
export async function inspectStates(
  stacks: Iterable<string>,
  env: NodeJS.ProcessEnv = environment(),
): Promise<Map<string, StateFault>> {
  const backend = await backendFiles(env);
  if (backend === undefined) return new Map();
  const listed = await backend.list(STACKS);
  const files = new Map(statesAmong(listed).map((file) => [file.stack, file]));
  const backups = new Map<string, string>();
  for (const { name } of listed) {
    const [, stack] = BACKUP.exec(name) ?? [];
    if (stack !== undefined) backups.set(stack, `${STACKS}/${name}`);
  }
  const local = backend.kind === "directory";
  const wanted = [...new Set(stacks)];
  if (!local && files.size === 0 && wanted.length > 1) await listLeftovers(env);
  const limit = pLimit(AT_ONCE);
  const known = new KnownWhole(backend);
  const faults = await Promise.all(
    wanted.map((stack) => limit(() => look(backend, stack, files.get(stack), backups.get(stack), known))),
  );
  known.keep();
  return new Map(faults.flatMap((fault) => (fault === undefined ? [] : [[fault.stack, fault] as const])));
}

async function look(
  backend: BackendFiles,
  stack: string,
  file: StateFile | undefined,
  backup: string | undefined,
  known: KnownWhole,
): Promise<StateFault | undefined> {
  const path = file?.path ?? placesOf(stack).state;
  const folder = placesOf(stack).history;
  const [read, listed, locks] = await Promise.all([
    file === undefined || file.directory ? undefined : readWhole(backend, path, stack, known),
    backend.list(folder),
    file === undefined ? locksOn(backend, stack) : [],
  ]);
  const names = listed.map(({ name }) => name).sort();
  // Their names hold the time in nanoseconds, which sorts.
  const kept = names.filter((name) => CHECKPOINT.test(name)).reverse();
  if (read && !read.damage && (await isNewest(backend, folder, kept, read, stack))) return undefined;
  const copies = await wholeCopies(backend, stack, [
    ...(backup ? [backup] : []),
    ...kept.map((one) => `${folder}/${one}`),
  ]);
  const entries = names.filter((name) => HISTORY.test(name));
  // `pulumi stack rm` leaves the copy of an empty state and nothing else: a stack of that name begins anew.
  if (file === undefined && entries.length + kept.length + locks.length === 0) {
    if (backup === undefined || (copies[0]?.resources ?? 2) < 2) return undefined;
  }
  const damage = damageOf(file, read, backend.named(path));
  const copy = copies[0];
  const local = backend.kind === "directory";
  const mendable = local && UNREADABLE.has(damage.kind) && (copy !== undefined || entries.length === 0);
  const last = entries.at(-1);
  const error = stateDamaged({
    stack,
    place: backend.named(path),
    damage,
    copies: copies.map((one) => ({ ...one, place: backend.named(one.place) })),
    history: last === undefined ? undefined : { place: backend.named(`${folder}/${last}`), entries: entries.length },
    locks: locks.map((lock) => backend.named(lock)),
    wayBack: copy && wayBack(backend, copy.place, path, file?.directory ?? false),
    mendedByUp: mendable && copy !== undefined,
  });
  return { stack, error, damage, path, copy: copy?.place, mendable };
}

/** What reading a state comes to, of which only the damage and the time are looked at. */
interface Looked {
  readonly damage?: Damage | undefined;
  readonly time?: string | undefined;
}

/** Reads a state, unless it was read before and found to be whole. */
async function readWhole(
  backend: BackendFiles,
  path: string,
  stack: string,
  known: KnownWhole,
): Promise<Looked | undefined> {
  const stamp = known.stampOf(path);
  const found = known.find(path, stamp);
  if (found !== undefined) return found;
  const bytes = await backend.bytes(path);
  const read = bytes && readStateBytes(bytes, stack, PROJECT_NAME);
  if (read && !read.damage) known.note(path, stamp, read.time);
  return read;
}

function damageOf(file: StateFile | undefined, read: Looked | undefined, place: string): Damage {
  if (read?.damage) return read.damage;
  if (file?.directory) return { kind: "directory", says: "is a directory where the engine keeps a file" };
  if (read === undefined) return { kind: "gone", says: `is gone (${place}), although the stack had one` };
  return { kind: "older", says: "is older than what its history says was written last" };
}

function wayBack(backend: BackendFiles, from: string, to: string, directory: boolean): string {
  const copy = backend.copyCommand(from, to);
  const target = backend.named(to);
  return directory ? `mv ${target} ${target}.aside && ${copy}` : copy;
}

/**
 * Whether a state is what was written last. An update writes it around each step and then copies it into the history, so that
 * it is as new as the last copy, or newer. Clocks of machines differ: by less than {@link SKEW_MS} it must be exactly an
 * earlier copy.
 */
async function isNewest(
  backend: BackendFiles,
  folder: string,
  kept: readonly string[],
  { time }: Looked,
  stack: string,
): Promise<boolean> {
  const [newest, ...earlier] = kept;
  if (time === undefined || newest === undefined) return true;
  // Most of the time the beginning says enough.
  const head = await backend.head(`${folder}/${newest}`, HEAD_BYTES);
  const quick = /"time"\s*:\s*"([^"]+)"/.exec(head?.text ?? "")?.[1];
  if (quick !== undefined && compareTimes(time, quick) >= 0) return true;
  const last = await timeOf(backend, `${folder}/${newest}`, stack);
  if (last === undefined || compareTimes(time, last) >= 0) return true;
  if (Date.parse(last) - Date.parse(time) > SKEW_MS) return false;
  for (const name of earlier.slice(0, COPIES * 4)) {
    const beginning = await backend.head(`${folder}/${name}`, HEAD_BYTES);
    if (beginning?.text.includes(`"${time}"`)) return false;
  }
  return true;
}

/** When a kept state was written; undefined when it is not whole, so that nothing can be said by it. */
async function timeOf(backend: BackendFiles, path: string, stack: string): Promise<string | undefined> {
  const bytes = await backend.bytes(path);
  const read = bytes && readStateBytes(bytes, stack, PROJECT_NAME);
  return read && !read.damage ? read.time : undefined;
}

/** RFC 3339 times with up to nine digits of a second; later ones are greater. Pure. */
function compareTimes(one: string, other: string): number {
  const [a, b] = [Date.parse(one), Date.parse(other)];
  if (a !== b) return a - b;
  const digits = (text: string) => (/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(9, "0");
  return Number(digits(one)) - Number(digits(other));
}

/** The copies that are whole, the newest first. A history is looked through from its end until one is. */
async function wholeCopies(backend: BackendFiles, stack: string, paths: readonly string[]): Promise<Copy[]> {
  const found: Copy[] = [];
  for (const path of paths.slice(0, COPIES + 1)) {
    const bytes = await backend.bytes(path).catch(() => undefined);
    const read = bytes && readStateBytes(bytes, stack, PROJECT_NAME);
    if (read && !read.damage) found.push({ place: path, time: read.time ?? "", resources: read.resources.length });
  }
  return found.sort((a, b) => compareTimes(b.time || "1970-01-01T00:00:00Z", a.time || "1970-01-01T00:00:00Z"));
}

/** Locks are few: of all stacks they are one list. */
async function locksOn(backend: BackendFiles, stack: string): Promise<string[]> {
  const folder = `${placesOf(stack).locks}/`;
  return (await backend.below(LOCKS)).filter((path) => path.startsWith(folder) && path.endsWith(".json"));
}
