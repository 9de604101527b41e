import { createServer } from "node:net";

/** All servers listen here and nowhere else: a sandbox is never reachable from another machine. */
export const LOOPBACK = "127.0.0.1";

/**
 * A port on which a program started now can listen: the preferred one if it is free, else any free one.
 * For programs that cannot be handed a listening socket (sshd). All others listen themselves.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && preferred > 0) {
    const port = await probe(preferred);
    if (port !== undefined) return port;
  }
  const any = await probe(0);
  if (any === undefined) throw new Error("no free port on the loopback address");
  return any;
}

function probe(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(undefined));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => done(found));
    });
  });
}
