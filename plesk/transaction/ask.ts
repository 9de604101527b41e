import { Agent, request } from "undici";

/** Milliseconds for one answer. */
const ANSWER_MS = 5_000;
/** Bytes of an answer that are read. */
const MAX_BODY = 4 * 1024;

/** An answer as far as it is looked at. */
export interface Answer {
  readonly status: number;
  /** Its first 4 KiB. */
  readonly body: string;
  /** What the application itself says that it is, in the header `x-sitefleet-release`. */
  readonly release: string | undefined;
}

/** A server that is asked at its address must show the certificate of the name it is asked for. */
function dispatcherFor(url: string, host: string | undefined): { dispatcher?: Agent } {
  if (host === undefined || !url.startsWith("https:")) return {};
  return { dispatcher: new Agent({ connect: { servername: host }, pipelining: 0 }) };
}

/** Asks once, at most five seconds. @param host Name that is asked for, when the URL names another address. @throws what undici throws */
export async function ask(
  url: string,
  host: string | undefined,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const named = dispatcherFor(url, host);
  try {
    return await answerOf(url, host, signal ? AbortSignal.any([signal, timeout]) : timeout, named, headers);
  } finally {
    await named.dispatcher?.destroy();
  }
}

async function answerOf(
  url: string,
  host: string | undefined,
  signal: AbortSignal,
  named: { dispatcher?: Agent },
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const response = await request(url, {
    ...named,
    headers: {
      ...headers,
      ...(host === undefined ? {} : { host }),
      "cache-control": "no-cache",
      "user-agent": "sitefleet",
    },
    signal,
  });
  let body = "";
  for await (const chunk of response.body) {
    body += String(chunk);
    if (body.length > MAX_BODY) break;
  }
  const release = response.headers["x-sitefleet-release"];
  return {
    status: response.statusCode,
    body: body.slice(0, MAX_BODY),
    release: typeof release === "string" ? release : undefined,
  };
}
