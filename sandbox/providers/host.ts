import type { Served } from "./framework/index.ts";
import { serveProvider } from "./framework/index.ts";
import { loadProvider, providerNames } from "./registry.ts";

/** A provider to serve, on a given port or (0) a free one. */
export interface Wanted {
  readonly name: string;
  readonly port: number;
}

/** Reads `name` and `name=port` arguments; none means all providers. */
export function parseWanted(args: readonly string[]): Wanted[] {
  const wanted = args.length === 0 ? providerNames : args;
  return wanted.map((arg) => {
    const [name = "", port = "0"] = arg.split("=");
    if (!/^\d+$/.test(port) || Number(port) > 65535) throw new Error(`not a port: "${arg}"; use name or name=port`);
    return { name, port: Number(port) };
  });
}

/** Serves several providers in this process. When a wanted port is taken, a free one is used instead. */
export async function hostProviders(wanted: readonly Wanted[]): Promise<Served[]> {
  return Promise.all(
    wanted.map(async ({ name, port }) => {
      const definition = await loadProvider(name);
      return serveProvider(definition, port).catch((error: unknown) => {
        if (port === 0) throw error;
        return serveProvider(definition, 0);
      });
    }),
  );
}

/** With this argument the host ends with the process that holds its stdin, however that process ends. */
const WITH_STDIN = "--with-stdin";

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const served = await hostProviders(parseWanted(args.filter((arg) => arg !== WITH_STDIN)));
  const stop = (): void => {
    Promise.all(served.map((item) => item.stop())).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (args.includes(WITH_STDIN)) process.stdin.once("close", stop).resume();
  const ports = Object.fromEntries(served.map(({ name, port }) => [name, port]));
  process.stdout.write(`${JSON.stringify(ports)}\n`);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
