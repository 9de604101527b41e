import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import type { NameAnswer } from "../types.ts";

/** For one question to one name server, ms; c-ares doubles it for the next try. */
const TIMEOUT_MS = 2_000;
/** Questions to a name server before it counts as silent. */
const TRIES = 2;
/** Answers of a name server that say: there is no such name, or no address at it. */
const ABSENT = new Set(["ENOTFOUND", "ENODATA"]);

/** Looks names up. */
export type Resolve = (host: string) => Promise<NameAnswer>;

/**
 * Makes a resolver. It asks name servers itself: the system's own call works with four threads for all hosts. What they
 * do not have is looked for in the machine's files, and where there is no name server, by the system's own call.
 *
 * @param servers Addresses of name servers, with or without a port. @default the machine's, and its files
 * @throws Error with the code of c-ares, from the function
 */
export function resolverOf(servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    if (isIP(host) !== 0) return { by: "address", addresses: [host] };
    const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = [four, six].flatMap((found) => (found.status === "fulfilled" ? found.value : []));
    if (addresses.length > 0) return { by: "dns", addresses };
    const errors = [four, six].flatMap((found) => (found.status === "rejected" ? [found.reason as Error] : []));
    // One family's silence may hide addresses: only when both say that there are none, there are none.
    const error = errors.find((reason) => !ABSENT.has(codeOf(reason))) ?? errors[0];
    if (servers === undefined && (ABSENT.has(codeOf(error)) || codeOf(error) === "ECONNREFUSED")) {
      const own = await lookup(host, { all: true }).catch(() => []);
      if (own.length > 0) return { by: "hosts", addresses: own.map(({ address }) => address) };
    }
    throw error;
  };
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? "";
}
