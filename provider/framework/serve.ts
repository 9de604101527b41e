import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import type { ProviderDefinition } from "./definition.ts";
import { implement, resourceProviderService } from "./service.ts";

/** A provider that is listening. */
export interface Served {
  readonly name: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Stops listening; calls in progress have two seconds to end. */
  stop(): Promise<void>;
}

// Our own errors say what is wrong; the library would say it a second time on stderr.
setLogVerbosity(logVerbosity.NONE);

/** How long calls in progress may take to end on stop, in milliseconds. */
const GRACE_MS = 2000;

/**
 * Serves a provider on loopback.
 *
 * @param port 0 picks a free one
 * @throws when the port is taken
 */
export async function serveProvider<Client>(definition: ProviderDefinition<Client>, port = 0): Promise<Served> {
  const server = new Server({
    // States hold whole catalogs; the engine sets no limit either.
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": 2 ** 31 - 1,
  });
  server.addService(resourceProviderService, implement(definition));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  return {
    name: definition.name,
    port: bound,
    stop: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), GRACE_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}
