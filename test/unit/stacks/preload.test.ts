import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

// What breaks when this fails: behind a company's proxy no program reaches its engine, and each stack fails after 20 seconds.

/** Becomes a gRPC server of nothing, and is its own client. */
const PROGRAM = `
const grpc = require("@grpc/grpc-js");
const server = new grpc.Server();
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  const client = new grpc.Client("127.0.0.1:" + port, grpc.credentials.createInsecure());
  client.waitForReady(Date.now() + 5000, (late) => process.exit(late ? 1 : 0));
});`;

let asked = 0;
const proxy = createServer((socket) => {
  asked++;
  socket.destroy();
});
beforeAll(() => new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => proxy.close(resolve)));

it.each([{}, { no_proxy: "intra.example" }, { no_grpc_proxy: "intra.example" }])(
  "a program reaches its engine on the loopback behind a proxy, with %j",
  async (more) => {
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const env = { ...process.env, http_proxy: `http://127.0.0.1:${port}`, ...more };
    const args = ["--require", join(PROJECT_ROOT, "stacks/preload.cjs"), "-e", PROGRAM];
    await promisify(execFile)(process.execPath, args, { cwd: PROJECT_ROOT, env });
    expect(asked).toBe(0);
  },
  20_000,
);
