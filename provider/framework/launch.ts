import type { ProviderDefinition } from "./definition.ts";
import { serveProvider } from "./serve.ts";

/** How often a plugin looks whether its engine is still there, in milliseconds. */
const WATCH_MS = 1000;

/**
 * Runs a provider as a plugin of its own: prints the port as the plugin protocol wants, and ends with the engine that
 * started it.
 *
 * @param parent the engine's process id: when it is another one or gone, the engine is gone
 */
export async function launch<Client>(definition: ProviderDefinition<Client>, parent: number): Promise<void> {
  const served = await serveProvider(definition);
  const end = (): void => {
    void served.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", end);
  // A plugin has a process group of its own, so this is no Ctrl-C: the engine sends it when it has closed its
  // connection and is done with the plugin, and waits up to 5 s for the end before it kills.
  process.once("SIGINT", () => process.exit(0));
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, WATCH_MS).unref();
  process.stdout.write(`${served.port}\n`);
}
