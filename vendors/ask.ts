import type { EnvHttpProxyAgent } from "undici";
import { proxies } from "../environment/index.ts";
import { reasonOf } from "../errors/reason.ts";
import type { Answer, Ask } from "./checkup.ts";

/** Bytes of an answer that are read at most: a page of any list is smaller. */
const MOST_BYTES = 8 * 2 ** 20;

/** Where a vendor is asked. */
export interface Address {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Told of each answer. */
  onAnswer?(answer: Answer, at: number): void;
}

// Each question is asked once: who looks wants to hear of a refusal, not to wait it out.
/** Asks a vendor's API with GET, and nothing else. */
export function askAt({ url, token, env, signal, onAnswer }: Address): Ask {
  let agent: EnvHttpProxyAgent | undefined;
  return async (path, query = {}) => {
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    agent ??= new EnvHttpProxyAgent(proxies(env));
    const search = new URLSearchParams(query).toString();
    const response = await fetch(`${url}${path}${search === "" ? "" : `?${search}`}`, {
      headers: { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "sitefleet" },
      signal,
      dispatcher: agent,
    }).catch((error: unknown) => {
      throw whyNot(error);
    });
    const answer: Answer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: parsed(await textOf(response.body)),
    };
    onAnswer?.(answer, Date.now());
    return answer;
  };
}

async function textOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The reason of a call that came to no answer, in the system's words. */
function whyNot(error: unknown): Error {
  const cause = reasonOf(error);
  const { code, message = String(error) } = cause as { code?: string; message?: string };
  return new Error(code ?? message, { cause: error });
}
