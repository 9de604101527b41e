// The provider for many engines at once: one process, attached by PULUMI_DEBUG_PROVIDERS. Started by `attach.ts`, says its
// port on stdout and ends when its stdin does, so that it never outlives who started it, however that one ends.
import { createInterface } from "node:readline";
import { serveProvider } from "./framework/index.ts";
import { sitefleet } from "./sitefleet.ts";

try {
  const served = await serveProvider(sitefleet);
  const stop = (): void => {
    void served.stop().finally(() => process.exit(0));
  };
  process.on("SIGINT", () => {}); // a terminal's Ctrl-C reaches the whole group; the engines still need their provider
  process.once("SIGTERM", stop);
  process.stdin.once("end", stop).once("error", stop);
  // A line is another environment. It was not known yet when this process was started early.
  createInterface({ input: process.stdin }).on("line", (line) => {
    Object.assign(process.env, JSON.parse(line));
    process.stdout.write("taken\n");
  });
  process.stdout.write(`${served.port}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
