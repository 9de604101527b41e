import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { z } from "zod";
import { proxies } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { MAX_REQUEST, parseRequest, requestText } from "../../fleet/gates/index.ts";
import { approve } from "../../operations/approve.ts";
import { agrees } from "../ask.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { printJson, say } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

type Options = Partial<z.input<typeof approve.input>> & { request: string; yes?: boolean };

/** Milliseconds for a request at an address. */
const FETCH_MS = 30_000;

/** `sitefleet approve`: a person reads what would be done, and signs it. */
export function registerApprove(program: Command): void {
  operationCommand(program.command("approve"), approve)
    .requiredOption("--request <where>", "the request: a file, an address (https://…), or - for stdin")
    .option("-y, --yes", "do not ask: the request was read before")
    .action(async (options: Options, command: Command) => {
      const context = await prepare(command);
      const { request: where } = options;
      const request = parseRequest(await read(where), where);
      say(requestText(request));
      if (!options.yes) {
        if (!process.stdin.isTTY)
          throw new SitefleetError({
            code: "usage",
            message: "there is no terminal to ask at",
            hint: "read the request, then run it again with --yes",
          });
        if (!(await agrees(`Approve this for the estate ${request.estate}?`))) return;
      }
      const input = { ...inputOf(approve.input, options), text: requestText(request) };
      const { value, document } = await performShown(context, approve, input, SILENT);
      if (context.json) printJson(document);
      else say(`wrote ${value.file}: hand it to the machine that runs, e.g. by a commit`);
    });
}

async function read(where: string): Promise<string> {
  const unreadable = (cause: unknown, message: string) =>
    new SitefleetError({ code: "approval.malformed", message, subject: where, cause });
  try {
    if (where === "-") return await limited(process.stdin);
    if (!/^https?:\/\//.test(where)) return readFileSync(where, "utf8");
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    const dispatcher = new EnvHttpProxyAgent(proxies());
    const answer = await fetch(where, { signal: AbortSignal.timeout(FETCH_MS), dispatcher });
    if (!answer.ok) throw new Error(`the address answers ${answer.status}`);
    return await limited(answer.body ?? []);
  } catch (cause) {
    throw unreadable(cause, `the request cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** A text that ends, and is not longer than a request may be. */
async function limited(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    length += chunk.length;
    if (length > 4 * MAX_REQUEST) throw new Error("it is too long for a request");
  }
  return Buffer.concat(read).toString("utf8");
}
