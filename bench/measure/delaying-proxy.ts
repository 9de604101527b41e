import { connect, createServer, type Socket } from "node:net";

/** A server that passes everything on to another one, each way half a round trip late. */
export interface DelayingProxy {
  readonly port: number;
  /** HTTP requests, or a client's messages to a database, since this was last asked. */
  taken(): number;
  /** Passes nothing on until it is called again: what is open stays open and silent, as when a cable is pulled, and nothing new comes through. */
  cut(is: boolean): void;
  close(): Promise<void>;
}

/** How many requests begin in what a client sends at once. Pure. */
type Counting = (bytes: Buffer) => number;
const requestLines = (bytes: Buffer) =>
  bytes.toString("latin1").match(/^(GET|PUT|HEAD|POST|DELETE) \S+ HTTP\/1\.1\r$/gm) ?? [];
/** What a run writes into a bucket whenever seconds have passed: states and events. */
const PACED = /^PUT \S+\/(\.pulumi\/stacks\/[^/]+\/[^/]+\.json|\.sitefleet\/events\/[^/]+)\?/;
/** The same in a table: the statement, and after it the value of its first parameter. */
const PACED_ROW =
  /^P.{4}\0(INSERT INTO|UPDATE) [^\0]*\0.*?(\.pulumi\/stacks\/[^/\0]+\/[^/\0]+\.json\0|\.sitefleet\/events\/)/s;
/** A request line of HTTP. */
export const httpRequests: Counting = (bytes) => requestLines(bytes).length;
/** The same without what a run writes into a bucket whenever seconds have passed: the longer it takes, the more of it. */
export const steadyRequests: Counting = (bytes) => requestLines(bytes).filter((line) => !PACED.test(line)).length;
/** A statement of PostgreSQL's protocol: Parse or Query at the beginning of what is sent. */
export const messages: Counting = ([first]) => (first === 0x50 || first === 0x51 ? 1 : 0);
/** The same without what a run writes into a table whenever seconds have passed. */
export const steadyMessages: Counting = (bytes) =>
  PACED_ROW.test(bytes.toString("latin1", 0, 4096)) ? 0 : messages(bytes);

/**
 * Stands in front of a server on loopback and plays the network between.
 *
 * @param to the server's port
 * @param roundTrip ms
 */
export async function delayingProxy(to: number, roundTrip: number, count: Counting): Promise<DelayingProxy> {
  const open = new Set<Socket>();
  let [counted, isCut] = [0, false];
  const server = createServer({ noDelay: true }, (client) => {
    if (isCut) return void client.destroy();
    const target = connect({ port: to, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("error", () => socket.destroy()).on("close", () => open.delete(socket));
    }
    late(client, target, roundTrip / 2, (bytes) => {
      counted += count(bytes);
    });
    late(target, client, roundTrip / 2, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    taken() {
      const taken = counted;
      counted = 0;
      return taken;
    },
    cut(is) {
      isCut = is;
      for (const socket of open) if (is) socket.pause();
      // What was silent is broken when the network is back.
      for (const socket of is ? [] : open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes bytes on in their order, each `ms` after it came. */
function late(from: Socket, to: Socket, ms: number, seen: (bytes: Buffer) => void): void {
  from.on("data", (bytes: Buffer) => {
    seen(bytes);
    setTimeout(() => to.writable && to.write(bytes), ms);
  });
  from.on("end", () => setTimeout(() => to.writable && to.end(), ms));
  from.on("close", () => setTimeout(() => to.destroy(), ms));
}
