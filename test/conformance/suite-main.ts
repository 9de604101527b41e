import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { httpHandler } from "../../mcp/http.ts";
import { newToken } from "../../operations/kit/loopback.ts";
import { referenceServer } from "./reference.ts";

// npm run conformance: the protocol's own conformance suite against the transport and the guards of `sitefleet mcp`. npm fetches the suite
// for it; nothing of it is part of the project.

const SUITE = "@modelcontextprotocol/conformance@0.1.16";
/** What our server does not do, by design: it asks nothing of a client, whose answer would be no person's. */
const NOT_OFFERED = new URL("./not-offered.yaml", import.meta.url).pathname;

const token = newToken();
const handler = httpHandler(referenceServer, token);
const server = serve({
  // The suite knows no tokens; Host and Origin reach the guards as they are.
  fetch(request) {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${token}`);
    return handler.fetch(new Request(request, { headers }));
  },
  hostname: "127.0.0.1",
  port: 0,
});
await once(server, "listening");
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
const args = ["--yes", SUITE, "server", "--url", url, "--expected-failures", NOT_OFFERED, ...process.argv.slice(2)];
const suite = spawn("npx", args, { stdio: "inherit" });
suite.once("error", (error) => process.stderr.write(`error: npx cannot be started: ${error.message}\n`));
const [code] = await once(suite, "close");
server.close();
await handler.close();
process.exit(code ?? 1);
