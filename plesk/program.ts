import { SitefleetError } from "../errors/index.ts";
import { EXIT } from "./exit-codes.ts";
import { parseDocument } from "./input.ts";
import { redactor } from "./redact.ts";
import { deploy } from "./transaction/deploy.ts";
import { plan } from "./transaction/plan.ts";
import { retire } from "./transaction/retire.ts";

const ACTIONS = { deploy, plan, retire };
/** Bytes of a document: 100 secrets of 48 KB each, and some air. */
const MAX_INPUT = 8 * 1024 * 1024;

async function readStdin(): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
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
      hint: "see docs/plesk.md for the document",
      exitCode: EXIT.input,
    });
  }
}

/**
 * Runs the driver with this process's arguments and streams.
 *
 * @returns the exit code, one of `EXIT`.
 */
export async function main(): Promise<number> {
  process.umask(0o077);
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => abort.abort());
  let redact = (text: string): string => text;
  let step: string | undefined;
  let goingBack = false;
  try {
    const action = process.argv[2] ?? "";
    if (!Object.hasOwn(ACTIONS, action) || process.argv.length !== 3) {
      throw new SitefleetError({
        code: "plesk.input",
        message: "usage: node plesk/main.ts deploy|plan|retire < document.json",
        exitCode: EXIT.input,
      });
    }
    const raw = await readStdin();
    redact = redactor(raw as object);
    const result = await ACTIONS[action as keyof typeof ACTIONS](parseDocument(raw), {
      signal: abort.signal,
      onStep: (name, ms) => {
        // Keeps the step that failed: what comes after it is putting back.
        if (ms === undefined && name !== "back" && !goingBack) step = name;
        goingBack ||= name === "back";
      },
    });
    process.stdout.write(`${redact(JSON.stringify(result))}\n`);
    return EXIT.done;
  } catch (error) {
    const known = error instanceof SitefleetError;
    const shown = known
      ? { ...error.toJSON(), ...(step === undefined ? {} : { step }) }
      : {
          code: "plesk.defect",
          message: `the driver failed: ${(error as Error)?.stack ?? error}`,
          ...(step === undefined ? {} : { step }),
        };
    process.stderr.write(`${redact(JSON.stringify(shown))}\n`);
    return known ? error.exitCode : EXIT.defect;
  }
}
