import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { VENDORS, vendorNamed } from "../../vendors/index.ts";
import type { ScanContext, ScanPage, ScanTask, Seen } from "../../vendors/inventory.ts";
import type { ReadClient, ReadOptions } from "../../vendors/live.ts";

/** Pages asked for at once. */
const PAGES_AT_ONCE = 8;

const taskSchema = z.object({ vendor: z.string(), what: z.string(), args: z.record(z.string(), z.string()) });
const lineSchema = z.union([
  z.object({ scan: z.literal(1), about: z.string(), begun: z.string() }),
  z.object({
    task: taskSchema,
    seen: z.array(z.looseObject({ role: z.string(), id: z.string() })),
    next: z.array(taskSchema),
  }),
  z.object({ ended: z.string(), calls: z.int() }),
]);

/** All that was read of the vendors. */
export interface Inventory {
  /** ISO 8601. */
  readonly begun: string;
  /** ISO 8601; undefined: it did not come to its end. */
  readonly ended: string | undefined;
  readonly seen: readonly Seen[];
  /** Pages that were read. */
  readonly pages: number;
  /** Estate that it is of, see {@link aboutOf}. */
  readonly about: string;
}

/** Where a scan is kept. */
export const scanFile = (stateDir: string): string => join(stateDir, "adopt", "scan.jsonl");

/** Where the scan of a comparison is kept: it never stands for one that a person has asked for. */
export const driftScanFile = (stateDir: string): string => join(stateDir, "adopt", "drift.jsonl");

/** What a scan is of: another team, account or repository is another scan. Pure. */
export const aboutOf = ({ settings, secrets }: Pick<ScanContext, "settings" | "secrets">): string =>
  canonicalJson({ settings, secrets });

/**
 * A page a line, on disk before the next is asked for: what a process that is killed loses is the pages in flight. A last line that
 * was cut off is taken away.
 */
class ScanLog {
  readonly file: string;
  #handle: number | undefined;
  constructor(file: string) {
    this.file = file;
  }

  read(): z.output<typeof lineSchema>[] {
    if (!existsSync(this.file)) return [];
    const text = readFileSync(this.file, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) truncateSync(this.file, Buffer.byteLength(whole));
    return whole.split("\n").flatMap((line) => {
      if (line === "") return [];
      const parsed = lineSchema.safeParse(parse(line));
      return parsed.success ? [parsed.data] : [];
    });
  }

  write(line: z.input<typeof lineSchema>): void {
    mkdirSync(dirname(this.file), { recursive: true });
    this.#handle ??= openSync(this.file, "a", 0o600);
    writeSync(this.#handle, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#handle);
  }

  clear(): void {
    this.close();
    rmSync(this.file, { force: true });
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const keyOf = (task: ScanTask): string => canonicalJson(task);

/** The same error, with what to do about it here. */
const again = ({ code, message, subject, details, cause }: SitefleetError): SitefleetError =>
  new SitefleetError({ code, message, subject, details, cause, hint: "run it again: what was read so far is kept" });

type Line = z.output<typeof lineSchema>;

/** What was read so far; undefined when nothing was. Pure. */
function inventoryOf(lines: readonly Line[]): Inventory | undefined {
  const first = lines.find((line) => "scan" in line);
  if (first === undefined) return undefined;
  const last = lines.find((line) => "ended" in line);
  const objects = new Map<string, Seen>();
  let pages = 0;
  for (const line of lines) {
    if (!("task" in line)) continue;
    pages++;
    for (const one of line.seen as unknown as Seen[]) objects.set(`${one.vendor} ${one.role} ${one.id}`, one);
  }
  return { begun: first.begun, ended: last?.ended, about: first.about, seen: [...objects.values()], pages };
}

/** A whole inventory of an estate. @throws SitefleetError `adopt.no-scan` */
export function wholeInventory(file: string, about: string): Inventory {
  const inventory = inventoryOf(new ScanLog(file).read());
  if (inventory?.ended !== undefined && inventory.about === about) return inventory;
  const message =
    inventory === undefined
      ? "nothing was read yet"
      : inventory.ended === undefined
        ? `reading did not come to its end: ${inventory.pages} pages so far`
        : "what was read is of another team, account or repository";
  throw new SitefleetError({ code: "adopt.no-scan", message, hint: "sitefleet adopt scan" });
}

/** Options of {@link scanVendors}. */
export interface ScanOptions extends ScanContext {
  readonly file: string;
  /** Opens a vendor's API. */
  connect(options: ReadOptions): ReadClient;
  /** Pages that no vendor's API has. A reader that answers nothing has said why, and is asked again by the next scan. @default none */
  readonly further?: readonly { readonly task: ScanTask; read(): Promise<readonly Seen[] | undefined> }[];
  /** Begin anew, whatever was read before. @default goes on with what did not come to its end */
  readonly again?: boolean;
  /** Told after each page: pages that were read, and pages known to be left. */
  progress?(read: number, left: number): void;
  readonly signal?: AbortSignal;
}

/**
 * Reads all that the vendors have, page by page. Goes on where an earlier scan of the same estate was cut off; one that came to its end
 * is begun anew.
 *
 * @throws SitefleetError `repair.vendor`, `adopt.answer`; what was read is kept
 */
export async function scanVendors(options: ScanOptions): Promise<Inventory> {
  const log = new ScanLog(options.file);
  const about = aboutOf(options);
  let lines = log.read();
  const before = inventoryOf(lines);
  if (options.again || before?.ended !== undefined || before?.about !== about) {
    log.clear();
    lines = [];
  }
  if (!lines.some((line) => "scan" in line)) log.write({ scan: 1, about, begun: new Date().toISOString() });
  const known = new Map(lines.flatMap((line) => ("task" in line ? [[keyOf(line.task), line.next] as const] : [])));
  const clients = new Map<string, ReadClient>();
  const scanners = VENDORS.flatMap(({ name, scan }) => (scan ? [{ name, scan }] : []));
  for (const { name, scan } of scanners) clients.set(name, options.connect(scan.api(options)));
  const queue: ScanTask[] = [];
  const queued = new Set<string>();
  const add = (tasks: readonly ScanTask[]) => {
    for (const task of tasks) {
      const key = keyOf(task);
      if (queued.has(key)) continue;
      queued.add(key);
      const next = known.get(key);
      if (next) add(next);
      else queue.push(task);
    }
  };
  for (const { scan } of scanners) add(scan.begin(options));
  let pages = known.size;
  const readOne = async (task: ScanTask) => {
    const scan = vendorNamed(task.vendor)?.scan;
    const client = clients.get(task.vendor);
    if (scan === undefined || client === undefined) return;
    const { seen, next }: ScanPage = await scan.read(task, client);
    log.write({ task, seen: seen as never, next: [...next] });
    pages++;
    add(next);
    options.progress?.(pages, queue.length);
  };
  try {
    let failed: unknown;
    const worker = async () => {
      for (let task = queue.shift(); task !== undefined && failed === undefined; task = queue.shift()) {
        if (options.signal?.aborted) return;
        await readOne(task).catch((error: unknown) => {
          failed ??= error instanceof SitefleetError ? again(error) : error;
        });
      }
    };
    while (queue.length > 0 && failed === undefined && !options.signal?.aborted)
      await Promise.all(Array.from({ length: PAGES_AT_ONCE }, worker));
    if (failed !== undefined) throw failed;
    for (const { task, read } of options.further ?? []) {
      if (options.signal?.aborted || known.has(keyOf(task))) continue;
      const seen = await read();
      if (seen === undefined) continue;
      log.write({ task, seen: seen as never, next: [] });
      options.progress?.(++pages, queue.length);
    }
    if (!options.signal?.aborted) log.write({ ended: new Date().toISOString(), calls: pages });
  } finally {
    log.close();
  }
  return inventoryOf(log.read()) as Inventory;
}
