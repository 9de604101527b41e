import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";

/** Where findings are kept, and whose they are. */
export interface Keeping {
  /** Folder; it is made when it is missing. */
  readonly dir: string;
  /** The code that finds them out, and what runs it: findings of other code are not used. */
  readonly program: string;
}

/** What a finding is about. */
export interface Subject {
  /** Folder of its own; findings of one kind push each other out. */
  readonly kind: string;
  /** There is one finding of each subject. */
  readonly name: string;
  /** What it was found out from, whole or as a digest: of anything else there is no finding. */
  readonly from: string;
}

/** Findings of a kind that stay: the ones that were written or used last. */
const MOST = 16;
const DIGEST_BYTES = 32;

let keeping: Keeping | undefined;

/**
 * From here on the process keeps what is costly to find out, for the next command. For programs whose code is known by its digest: one that
 * is run from its sources keeps nothing, since they may change while it runs.
 *
 * @param at undefined: nothing is kept
 */
export function keepFindings(at: Keeping | undefined): void {
  keeping = at;
}

/** Whether findings are kept. */
export const keepsFindings = (): boolean => keeping !== undefined;

/** What was kept of a subject, as it was given; undefined where nothing was, or anything of it is not as it was written. */
export function keptFinding<Finding>(subject: Subject): Finding | undefined {
  if (keeping === undefined) return undefined;
  try {
    const file = fileOf(keeping, subject);
    const bytes = readFileSync(file);
    const content = bytes.subarray(DIGEST_BYTES);
    if (!digestOf(keeping, subject, content).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
    const now = new Date();
    utimesSync(file, now, now);
    return deserialize(content) as Finding;
  } catch {
    return undefined;
  }
}

/** Keeps a finding, readable by this user alone. What cannot be kept is found out again. @param finding plain data, maps among it; nothing secret */
export function keepFinding(subject: Subject, finding: unknown): void {
  if (keeping === undefined) return;
  try {
    const content = serialize(finding);
    const file = fileOf(keeping, subject);
    const folder = join(keeping.dir, subject.kind);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // By a rename: others read it meanwhile.
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, Buffer.concat([digestOf(keeping, subject, content), content]), { mode: 0o600 });
    renameSync(temporary, file);
    removeOldest(folder);
  } catch {}
}

/** The name says neither which program nor what it was found out from: a newer finding takes an older one's place. */
function fileOf({ dir }: Keeping, { kind, name }: Subject): string {
  return join(dir, kind, createHash("sha256").update(name).digest("hex").slice(0, 32));
}

function digestOf({ program }: Keeping, { kind, name, from }: Subject, content: Uint8Array): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([program, kind, name, from]))
    .update(content)
    .digest();
}

function removeOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  if (files.length <= MOST) return;
  const used = new Map(files.map((file) => [file, statSync(file).mtimeMs]));
  const oldest = files.sort((a, b) => (used.get(b) ?? 0) - (used.get(a) ?? 0)).slice(MOST);
  for (const file of oldest) rmSync(file, { force: true });
}
