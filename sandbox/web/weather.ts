import { setTimeout as sleep } from "node:timers/promises";
import type { FaultController } from "../core/index.ts";
import { hostOf } from "./answer.ts";

/** Answers a visitor; `drop` means that the caller must cut the connection. */
export type Visited = (request: Request, gone: () => boolean) => Promise<Response | "drop">;

/**
 * Puts latency and faults in front of the web server: rules of vendor `web`, with `/HOST/PATH` for a path.
 * Without rules it costs nothing.
 */
export function weathered(answer: (request: Request) => Promise<Response>, faults: FaultController): Visited {
  return async (request, gone) => {
    const url = new URL(request.url);
    const path = `/${hostOf(request.headers.get("host") ?? url.host)}${url.pathname}`;
    const call = { vendor: "web", method: request.method, path, caller: "visitor", body: async () => "" } as const;
    const wait = await faults.latency(call);
    if (wait > 0) await sleep(wait);
    const action = (await faults.pick(call))?.action;
    switch (action?.type) {
      case "drop":
        return "drop";
      case "hang":
        for (const until = Date.now() + action.ms; Date.now() < until && !gone(); ) await sleep(50);
        return "drop";
      case "delay":
        await sleep(action.ms);
        return answer(request);
      case "apply-then-fail":
        await answer(request);
        return action.status === undefined ? "drop" : failure(action.status);
      case "status":
        return failure(action.status, action.retryAfter, action.message);
      default:
        return answer(request);
    }
  };
}

function failure(status: number, retryAfter?: number, message = `${status}`): Response {
  const headers: Record<string, string> = { "content-type": "text/plain; charset=utf-8" };
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  return new Response(`${message}\n`, { status, headers });
}
