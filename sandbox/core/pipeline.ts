import { setTimeout as sleep } from "node:timers/promises";
import { createFaultController, type FaultController } from "./faults.ts";
import type { LimitState } from "./limits.ts";
import { createRequestLog, type RequestLog } from "./log.ts";
import { type Call, callerOf } from "./match.ts";
import { limitHeaders, refuseForFault, refuseForLimit } from "./refusals.ts";
import { createRouteMatcher } from "./routes.ts";
import type { Vendor } from "./vendor.ts";

/** What stands in front of a vendor. */
export interface PipelineParts {
  /** Shared by all vendors of a sandbox. @default one of its own */
  readonly log?: RequestLog;
  /** Shared by all vendors of a sandbox. @default no faults, no limits */
  readonly faults?: FaultController;
  readonly now?: () => number;
}

/** What the pipeline must know of the connection. */
interface Connection {
  /** True once the client has gone. */
  closed(): boolean;
}

/** Answers a call; `drop` means that the caller must cut the connection. */
export type Pipeline = (request: Request, connection?: Connection) => Promise<Response | "drop">;

interface Outcome {
  readonly response: Response | "drop";
  readonly rule?: string;
  readonly limited?: boolean;
}

/** Log → latency → faults → limits → vendor. */
export function createPipeline(vendor: Vendor, parts: PipelineParts = {}): Pipeline {
  const log = parts.log ?? createRequestLog();
  const now = parts.now ?? Date.now;
  const faults = parts.faults ?? createFaultController({}, now);
  const routeOf = createRouteMatcher(vendor.routes ?? []);
  return async (request, connection) => {
    const at = now();
    const started = performance.now();
    const { method } = request;
    const path = pathOf(request.url);
    const { response, rule, limited } = await handle(vendor, faults, request, path, connection, now);
    const status = response === "drop" ? 0 : response.status;
    const ms = Math.round((performance.now() - started) * 100) / 100;
    const entry = { at, vendor: vendor.name, method, path, route: routeOf(path), status, ms };
    log.add(rule === undefined ? entry : { ...entry, rule }, limited);
    return response;
  };
}

async function handle(
  vendor: Vendor,
  faults: FaultController,
  request: Request,
  path: string,
  connection: Connection | undefined,
  now: () => number,
): Promise<Outcome> {
  const call = callOf(vendor, request, path);
  const wait = await faults.latency(call);
  if (wait > 0) await sleep(wait);
  const fault = await faults.pick(call);
  const action = fault?.action;
  if (fault !== undefined && action !== undefined) {
    const rule = fault.id;
    if (action.type === "status") return { response: refuseForFault(vendor.name, path, action), rule };
    if (action.type === "drop") return { response: "drop", rule };
    if (action.type === "hang") return { response: await hang(action.ms, connection), rule };
    if (action.type === "delay") await sleep(action.ms);
    if (action.type === "apply-then-fail") {
      await answer(vendor, request);
      const { status } = action;
      return { response: status === undefined ? "drop" : refuseForFault(vendor.name, path, { status }), rule };
    }
  }
  const verdict = await faults.limiter().check(call);
  if (verdict.refused !== undefined) {
    const response = refuseForLimit(vendor.name, path, verdict.refused, now());
    return { response, rule: verdict.refused.rule.id, limited: true };
  }
  const response = await answer(vendor, request);
  return { response: announce(vendor, response, verdict.tightest, now()) };
}

async function answer(vendor: Vendor, request: Request): Promise<Response> {
  try {
    return await vendor.fetch(request);
  } catch (error) {
    // A defect of the sandbox itself: said so plainly, to be told apart from a fault that was ordered.
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`sandbox ${vendor.name}: ${error instanceof Error ? error.stack : message}\n`);
    return Response.json({ error: { code: "sandbox_defect", message } }, { status: 500 });
  }
}

function announce(vendor: Vendor, response: Response, state: LimitState | undefined, now: number): Response {
  if (state === undefined) return response;
  const headers = Object.entries(limitHeaders(vendor.name, state, now));
  if (headers.length === 0) return response;
  const merged = new Headers(response.headers);
  for (const [name, value] of headers) merged.set(name, value);
  return new Response(response.body, { status: response.status, headers: merged });
}

/** Waits in short steps, so that a client that gave up frees its slot at once. */
async function hang(ms: number, connection: Connection | undefined): Promise<"drop"> {
  const until = performance.now() + ms;
  while (performance.now() < until && connection?.closed() !== true) {
    await sleep(Math.min(100, Math.max(1, until - performance.now())));
  }
  return "drop";
}

function callOf(vendor: Vendor, request: Request, path: string): Call {
  let text: Promise<string> | undefined;
  return {
    vendor: vendor.name,
    method: request.method,
    path,
    get caller() {
      return callerOf(request.headers.get("authorization"));
    },
    body: () => {
      text ??= request.clone().text();
      return text;
    },
  };
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start === -1) return "/";
  const end = url.indexOf("?", start);
  return end === -1 ? url.slice(start) : url.slice(start, end);
}
