import { SitefleetError } from "../errors/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type DeployDocument, parseDocument } from "./input.ts";
import { planAll } from "./operations/plan.ts";
import { redactor } from "./redact.ts";
import { deploy } from "./transaction/deploy.ts";
import { plan } from "./transaction/plan.ts";
import { retire } from "./transaction/retire.ts";

const ACTIONS = { deploy, plan, retire };

/** Several documents in one run, for what only reads: `{ "documents": [ … ] }`. */
interface Batch {
  readonly documents: readonly unknown[];
}

const isBatch = (raw: unknown): raw is Batch =>
  typeof raw === "object" && raw !== null && "documents" in raw && Array.isArray(raw.documents);
/** Bytes of a document: 100 secrets of 48 KB each, and some air. */
const MAX_INPUT = 8 * 1024 * 1024;

async function readDocument(stdin: AsyncIterable<Buffer>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > MAX_INPUT) break;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    // The parser's own message quotes the text, and the text holds secrets.
    throw new SitefleetError({
      code: "plesk.input",
      message: "stdin does not hold one JSON document",
      hint: "see docs/reference/services.md for the document",
      exitCode: EXIT.input,
    });
  }
}

/**
 * Plans every document of a batch and prints one line of JSON each, in their order: `{ service, ok, plan }` or
 * `{ service, ok, error }`. What stands in the way of one does not hide the others.
 */
async function planBatch(
  raw: readonly unknown[],
  { stdout, signal }: Streams,
  redact: (text: string) => string,
): Promise<void> {
  const parsed = raw.map((one) => {
    try {
      return parseDocument(one);
    } catch (error) {
      return { error, service: String((one as { service?: { key?: unknown } } | null)?.service?.key ?? "") };
    }
  });
  const planned = await planAll(
    parsed.filter((one): one is DeployDocument => "artifact" in one),
    { signal },
  );
  for (const one of parsed) {
    const outcome = "artifact" in one ? planned.shift() : { ok: false as const, ...one };
    if (outcome === undefined) continue;
    const { service } = outcome;
    const line = outcome.ok
      ? { service, ok: true, plan: outcome.value }
      : { service, ok: false, error: errorJson(outcome.error) };
    stdout(`${redact(JSON.stringify(line))}\n`);
  }
}

/** An error as it is printed. */
function errorJson(error: unknown): Record<string, unknown> {
  if (error instanceof SitefleetError) return error.toJSON();
  return { code: "plesk.defect", message: `the driver failed: ${(error as Error)?.stack ?? error}` };
}

/**
 * Runs the driver with this process's arguments and streams.
 *
 * @returns the exit code, one of `EXIT`.
 */
export function main(): Promise<number> {
  process.umask(0o077);
  // The engine that reads may be gone: the transaction goes on to its end, and the host says what came of it.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => abort.abort());
  return runDriver(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    signal: abort.signal,
  });
}

/** What the driver reads and writes. */
interface Streams {
  readonly stdin: AsyncIterable<Buffer>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Ends it in order. */
  readonly signal: AbortSignal;
}

/**
 * Runs the driver.
 *
 * @param args the action alone
 * @returns the exit code, one of `EXIT`.
 */
export async function runDriver(args: readonly string[], streams: Streams): Promise<number> {
  const { stdout, stderr, signal } = streams;
  let redact = (text: string): string => text;
  let step: string | undefined;
  let goingBack = false;
  try {
    const action = args[0] ?? "";
    if (!Object.hasOwn(ACTIONS, action) || args.length !== 1) {
      throw new SitefleetError({
        code: "plesk.input",
        message: "usage: node plesk/main.ts deploy|plan|retire < document.json",
        exitCode: EXIT.input,
      });
    }
    const raw = await readDocument(streams.stdin);
    if (action === "plan" && isBatch(raw)) {
      redact = redactor(...(raw.documents as object[]));
      await planBatch(raw.documents, streams, redact);
      return EXIT.done;
    }
    redact = redactor(raw as object);
    const result = await ACTIONS[action as keyof typeof ACTIONS](parseDocument(raw), {
      signal,
      onStep: (name, ms) => {
        // Keeps the step that failed: what comes after it is putting back.
        if (ms === undefined && name !== "back" && !goingBack) step = name;
        goingBack ||= name === "back";
      },
    });
    stdout(`${redact(JSON.stringify(result))}\n`);
    return EXIT.done;
  } catch (error) {
    const known = error instanceof SitefleetError;
    const shown = { ...errorJson(error), ...(step === undefined ? {} : { step }) };
    stderr(`${redact(JSON.stringify(shown))}\n`);
    return known ? error.exitCode : EXIT.defect;
  }
}
