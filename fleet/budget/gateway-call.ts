import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Dispatcher } from "undici";
import type { Api } from "../../vendors/api.ts";
import { readLimits } from "../../vendors/index.ts";
import type { Ledger, Ticket } from "./ledger.ts";
import { limitsOfCall } from "./limits-of-call.ts";

/** What a gateway has seen of one vendor. */
export interface GatewayFigures {
  /** Calls from providers. */
  calls: number;
  /** Of those, calls that count against a limit we know. */
  counted: number;
  /** Calls that were held back, and for how long in all, machine's ms. */
  delayed: number;
  delayedMs: number;
  /** Refusals of the vendor that no provider saw. */
  absorbed: number;
  /** Refusals that a provider saw: the wait was longer than a provider can be kept waiting. */
  refused: number;
  /** Calls that broke off. */
  failed: number;
}

/** One vendor behind the gateway. */
export interface Upstream {
  readonly vendor: string;
  readonly api: Api;
  readonly origin: string;
  readonly agent: Dispatcher;
  readonly ledger: Ledger;
  readonly patienceMs: number;
  readonly figures: GatewayFigures;
  /** Told of a call that is held back or refused for a while. @param seconds machine's, undefined where it is not known */
  readonly waiting?: ((key: string, seconds: number | undefined) => void) | undefined;
}

/** A call that is held back for so long is told of, ms. */
const TOLD_AFTER_MS = 5_000;

/** Bodies up to this size are kept so that a refused call can be sent again; larger ones (files) are passed through once. */
const REPEATABLE_BYTES = 1024 * 1024;
/** Told to a provider when the wait is too long for it: under the 300 s up to which the Vercel provider waits and comes back. */
const COME_BACK_SECONDS = 240;
/** Of one connection only, and what the gateway writes itself. RFC 9110 7.6.1. */
const HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "expect",
]);

/** Carries one call of a provider to its vendor and the answer back. Never rejects. */
export async function forwardCall(up: Upstream, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  up.figures.calls += 1;
  try {
    await carry(up, request, response, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    up.figures.failed += 1;
    const code = (error as { code?: string }).code ?? "";
    // The vendor did not answer: the provider gets what a broken connection would give it, an error it may try again.
    if (response.headersSent) response.destroy();
    else answer(up, response, 502, `the vendor could not be reached through the budget gateway ${code}`.trim(), {});
  }
}

async function carry(up: Upstream, request: IncomingMessage, response: ServerResponse, signal: AbortSignal) {
  const { ledger, vendor, figures } = up;
  const { clock } = ledger;
  const method = request.method ?? "GET";
  const url = request.url ?? "/";
  const target = up.api.pathAt?.(url, up.origin) ?? url;
  const keys = limitsOfCall({ vendor, method, path: target.split("?", 1)[0] ?? "/" }).filter((id) =>
    ledger.specs.has(id),
  );
  if (keys.length > 0) figures.counted += 1;
  const body = await bodyOf(request);
  const deadline = clock.now() + up.patienceMs * clock.scale;
  const started = performance.now();
  let waited = false;
  for (;;) {
    const asked = performance.now();
    let ticket: Ticket | undefined;
    if (keys.length > 0) {
      const told = setTimeout(() => up.waiting?.(keys[0] ?? vendor, undefined), TOLD_AFTER_MS);
      const granted = await ledger.call(keys, deadline, signal).finally(() => clearTimeout(told));
      if ("at" in granted) {
        figures.refused += 1;
        const left = (granted.at - clock.now()) / clock.scale / 1000;
        if (left * 1000 >= TOLD_AFTER_MS) up.waiting?.(keys[0] ?? vendor, left);
        const seconds = Math.min(COME_BACK_SECONDS, Math.ceil(left));
        return answer(up, response, 429, "held back: the budget of this call is used up", {
          "retry-after": `${Math.max(1, seconds)}`,
        });
      }
      ticket = granted;
    }
    if (!waited && performance.now() - asked > 20) {
      waited = true;
      figures.delayed += 1;
    }
    if (waited) figures.delayedMs += performance.now() - (asked > started ? asked : started);
    let answered: Dispatcher.ResponseData;
    try {
      const { request: send } = await import("undici");
      answered = await send(up.origin + target, {
        dispatcher: up.agent,
        method: method as Dispatcher.HttpMethod,
        headers: headersOf(request),
        body: body ?? request,
        signal,
      });
    } catch (error) {
      if (ticket) await ledger.answered(ticket);
      throw error;
    }
    const info = readLimits(vendor, answered.statusCode, answered.headers, Date.now());
    if (ticket) await ledger.answered(ticket, info);
    if (info.limited) {
      // A call without a known limit teaches the ledger nothing: it waits alone.
      const pause = keys.length > 0 ? 0 : (info.retryInMs ?? 1000) * clock.scale;
      const wait = (info.retryInMs ?? 0) * clock.scale;
      if ((info.retryInMs ?? 0) >= TOLD_AFTER_MS) up.waiting?.(keys[0] ?? vendor, (info.retryInMs ?? 0) / 1000);
      if (body !== undefined && clock.now() + Math.max(pause, wait) < deadline) {
        figures.absorbed += 1;
        await answered.body.dump();
        if (pause > 0) await clock.sleep(pause, signal);
        continue;
      }
      figures.refused += 1;
    }
    for (const [name, value] of Object.entries(answered.headers)) {
      if (value !== undefined && !HOP.has(name)) response.setHeader(name, value);
    }
    response.writeHead(answered.statusCode);
    await pipeline(answered.body, response);
    return;
  }
}

/** The body when it is small enough to be sent twice; undefined when it must be passed through. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null | undefined> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length === undefined && encoding === undefined) return null;
  if (length === undefined || Number(length) > REPEATABLE_BYTES) return undefined;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function headersOf(request: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name = "", value = ""] = [request.rawHeaders[i], request.rawHeaders[i + 1]];
    const lower = name.toLowerCase();
    // The length follows from the body.
    if (!HOP.has(lower) && lower !== "content-length") kept.push(name, value);
  }
  return kept;
}

/** An error in the vendor's own shape, so that the provider reads it as it reads the vendor's. */
function answer(
  up: Upstream,
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string>,
) {
  response
    .writeHead(status, { ...headers, "content-type": "application/json" })
    .end(JSON.stringify(up.api.errorBody(status, message)));
}
