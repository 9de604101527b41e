import type { EnvHttpProxyAgent } from "undici";
import { proxies } from "../../../environment/index.ts";
import { plainLine } from "../../../errors/plain.ts";
import { reasonOf } from "../../../errors/reason.ts";
import { retryAfter } from "../../../provider/framework/retry-after.ts";
import type { Delivery } from "./types.ts";

/** Bytes of an answer that are read; the rest says nothing that is needed. */
const MOST_BYTES = 65_536;

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** What `Retry-After` asks for, ms. */
  readonly afterMs: number | undefined;
}

/** What is sent. */
export interface Post {
  readonly url: string;
  readonly method?: "POST" | "PATCH" | "GET";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Signs the body's text. */
  readonly sign?: (text: string) => Readonly<Record<string, string>>;
}

let agent: EnvHttpProxyAgent | undefined;

/** Sends JSON. No redirect is followed: it would take the body to an address that was not declared. @throws what fetch throws */
export async function send({ url, method = "POST", headers, body, sign }: Post, signal: AbortSignal): Promise<Answer> {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  // Connections do not outlive the last answer by much, so that a command ends.
  agent ??= new EnvHttpProxyAgent({ ...proxies(), keepAliveTimeout: 1000, keepAliveMaxTimeout: 1000 });
  const text = JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", "user-agent": "sitefleet", ...headers, ...sign?.(text) },
    ...(method === "GET" ? {} : { body: text }),
    redirect: "manual",
    dispatcher: agent,
    signal,
  });
  const decoder = new TextDecoder();
  let read = "";
  for await (const chunk of response.body ?? []) {
    read += decoder.decode(chunk as Uint8Array, { stream: true });
    if (read.length > MOST_BYTES) break;
  }
  return { status: response.status, text: read, afterMs: retryAfter(response.headers.get("retry-after"), Date.now()) };
}

/** A delivery by HTTP: what its answer means. Addresses are secrets, and stand in no reason. */
export async function delivery(
  post: () => Promise<Answer>,
  signal: AbortSignal,
  delivered: (answer: Answer) => Delivery = () => ({ result: "delivered" }),
): Promise<Delivery> {
  let answer: Answer;
  try {
    answer = await post();
  } catch (error) {
    signal.throwIfAborted();
    const cause = reasonOf(error);
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    return { result: "again", reason: code ?? "it does not answer" };
  }
  const { status, text, afterMs } = answer;
  if (status < 300) return delivered(answer);
  const reason = plainLine(`status ${status}: ${text}`, 200);
  if (status === 429 || status === 408 || status >= 500) return { result: "again", reason, afterMs };
  return { result: "refused", reason };
}

/** A field of a JSON answer, as text; undefined when it is not there. Pure. */
export function fieldOf(text: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  } catch {
    return undefined;
  }
}
