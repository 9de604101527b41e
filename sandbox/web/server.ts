import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { listen, type Served } from "../core/index.ts";
import { answer } from "./answer.ts";
import type { WebSources } from "./sources.ts";

/**
 * One HTTP server for every site's and service's host name, told apart by the Host header.
 *
 * @param port @default 0: any free one
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function serveWeb(sources: WebSources, port = 0): Promise<Served> {
  let bound = port;
  const listener = getRequestListener((request) => answer(request, sources, bound), { overrideGlobalObjects: false });
  const served = await listen(createServer(listener), port, "127.0.0.1");
  bound = served.port;
  return served;
}
