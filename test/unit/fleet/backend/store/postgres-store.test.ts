import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBackendUrl } from "../../../../../fleet/backend/store/backend-url.ts";
import { postgresStore } from "../../../../../fleet/backend/store/postgres-store.ts";
import type { Store } from "../../../../../fleet/backend/store/store.ts";

// What breaks when these fail: before the engine's table is there each question takes five round trips, or finds an error; a connection
// that breaks ends the command.

/** A server that speaks as much of PostgreSQL's protocol as it takes to have no table. */
const message = (type: string, body: Buffer) => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), size, body]);
};
const READY = message("Z", Buffer.from("I"));
const WELCOME = Buffer.concat([message("R", Buffer.alloc(4)), READY]);
const NO_TABLE = Buffer.concat([
  message("E", Buffer.from('SERROR\0VERROR\0C42P01\0Mrelation "pulumi_state" does not exist\0\0')),
  READY,
]);
const sockets = new Set<Socket>();
let connections = 0;
let statements = 0;
/** Connections that break at their next statement. */
let breaks = 0;
const server = createServer((socket) => {
  connections++;
  sockets.add(socket);
  socket.once("data", () => {
    socket.write(WELCOME);
    socket.on("data", (bytes) => {
      if (bytes[0] !== "P".charCodeAt(0)) return;
      statements++;
      if (breaks-- > 0) socket.destroy();
      else socket.write(NO_TABLE);
    });
  });
  socket.on("error", () => {});
});
let store: Store;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const address = readBackendUrl(`postgres://us@127.0.0.1:${port}/states?sslmode=disable`);
  if (address.kind !== "postgres") throw new Error("it is no table's address");
  store = postgresStore(address);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it("finds nothing where there is no table yet, and keeps its connection", async () => {
  expect(await store.get("a")).toBeUndefined();
  expect(await store.list("")).toEqual([]);
  expect(await store.bytes("a")).toBeUndefined();
  expect([statements, connections]).toEqual([3, 1]);
});

it("asks again where the connection breaks in the middle of a statement", async () => {
  const before = connections;
  breaks = 2;
  expect(await store.get("a")).toBeUndefined();
  expect(connections - before).toBe(2);
  breaks = 3;
  await expect(store.get("a")).rejects.toMatchObject({ code: "store.unreachable" });
});
