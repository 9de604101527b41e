import { createConnection, createServer, type Socket } from "node:net";

/** A port that leads to another one over a slow line. */
export interface SlowLine {
  readonly port: number;
  /** Connections that were made over it. */
  readonly connections: () => number;
  stop(): void;
}

/** Starts a TCP proxy on 127.0.0.1 that holds everything back. @param roundTripMs Milliseconds that question and answer lose together. */
export async function slowLine(to: number, roundTripMs: number): Promise<SlowLine> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    const far = createConnection(to, "127.0.0.1");
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      // Each piece waits by itself, so that the line has latency and no less bandwidth.
      from.on("data", (data) => setTimeout(() => into.writable && into.write(data), roundTripMs / 2));
      from.on("end", () => setTimeout(() => into.end(), roundTripMs / 2));
      from.on("error", () => into.destroy());
      from.on("close", () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections: () => connections,
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
