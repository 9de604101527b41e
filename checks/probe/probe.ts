import { Client, type Dispatcher } from "undici";
import type { Answer, Seen, Trouble } from "../types.ts";
import { addressFor } from "./address.ts";
import { connectorOf, type Facts } from "./connect.ts";
import type { Way } from "./way.ts";

/** Bytes of a body that are read. */
export const BODY_LIMIT = 512 * 1024;

/** One question. */
export interface Question {
  /** Full address. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Refuse certificates that are not valid. @default true */
  readonly verify?: boolean;
  /** Sent beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks one address once, over a connection of its own; follows no redirect. Whatever goes wrong is told, not thrown.
 *
 * @throws only when `signal` is aborted
 */
export async function probe(question: Question, way: Way, signal?: AbortSignal): Promise<Seen> {
  const { url: text, timeoutMs, verify = true, headers = {} } = question;
  const url = new URL(text);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const clear = url.protocol === "https:" && addressFor(way.override, port)?.clear === true;
  const facts: Facts = { stage: "name" };
  const at = Date.now();
  const started = performance.now();
  // The port that is asked for stays 443: the override is chosen by it.
  const origin = clear ? `http://${url.hostname}:${port}` : url.origin;
  const client = new Client(origin, { connect: connectorOf(way, facts, verify, timeoutMs), pipelining: 1 });
  const limit = AbortSignal.timeout(timeoutMs);
  let answer: Answer | undefined;
  let trouble: Trouble | undefined;
  let firstMs: number | undefined;
  try {
    const response = await client.request({
      method: "GET",
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        "user-agent": "sitefleet",
        accept: "text/html,application/json;q=0.9,*/*;q=0.8",
        "accept-encoding": "identity",
        "cache-control": "no-cache",
        ...headers,
      },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    firstMs = performance.now() - (facts.connectedAt ?? started);
    facts.stage = "body";
    answer = await read(response);
  } catch (error) {
    signal?.throwIfAborted();
    const timedOut = limit.aborted;
    const { code, message } = describe(error);
    trouble = { stage: facts.stage, code: timedOut ? "TIMEOUT" : code, message: timedOut ? "took too long" : message };
  } finally {
    await client.destroy().catch(() => {});
  }
  const { name, remote, certificate, nameMs, connectMs } = facts;
  return {
    url: text,
    at,
    answer: answer && !trouble ? answer : undefined,
    trouble,
    timing: {
      nameMs: nameMs === undefined ? undefined : round(nameMs),
      connectMs: connectMs === undefined ? undefined : round(connectMs),
      firstMs: firstMs === undefined ? undefined : round(firstMs),
      totalMs: round(performance.now() - started),
    },
    name,
    remote: remote || undefined,
    certificate,
    clear: clear || undefined,
  };
}

async function read(response: Dispatcher.ResponseData): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let cut = false;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= BODY_LIMIT) {
      cut = true;
      break;
    }
  }
  const headers = Object.entries(response.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value] as const],
  );
  return {
    status: response.statusCode,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).subarray(0, BODY_LIMIT).toString("utf8"),
    cut,
  };
}

/** Code and words of an error of the network; of several addresses the first one's. */
function describe(error: unknown): { code: string; message: string } {
  const { code, message, cause, errors } = error as {
    code?: string;
    message?: string;
    cause?: { code?: string };
    errors?: readonly { code?: string; message?: string }[];
  };
  const [first] = errors ?? [];
  return { code: code ?? cause?.code ?? first?.code ?? "UNKNOWN", message: message || first?.message || String(error) };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
