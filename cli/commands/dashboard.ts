import { type Command, InvalidArgumentError } from "commander";
import { exportTo, serveDashboard } from "../../dashboard/index.ts";
import { overview } from "../../operations/overview.ts";
import { prepare, withCommon } from "../context.ts";
import { showOperation } from "../from-operation.ts";
import { print, printJson, say } from "../output/style.ts";
import { onStop } from "../signals.ts";
import { SILENT } from "../stoppable.ts";

interface Options {
  readonly port?: number;
  readonly traffic?: string;
  readonly export?: string;
}

/** `sitefleet dashboard`: shows the estate in a browser until it is ended, or writes a snapshot of it. */
export function registerDashboard(program: Command): void {
  withCommon(program.command("dashboard"))
    .description("show the estate in a browser, live, on this machine's own address; or write a snapshot of it")
    .option("--port <n>", "port (default: a free one)", portOf)
    .option("--traffic <file>", "hourly requests, as `sitefleet plan --traffic` takes them, for the best window")
    .option("--export <dir>", "write a snapshot that a browser reads without JavaScript into this directory, and end")
    .action(async (options: Options, command: Command) => {
      const context = await prepare(command);
      const { port = 0, traffic } = options;
      if (options.export !== undefined) {
        const { document } = await showOperation(context, overview, { sites: true, traffic }, SILENT);
        const files = exportTo(options.export, document);
        if (context.json) printJson({ files });
        else print(files.join("\n"));
        return;
      }
      const stop = new AbortController();
      const listening = onStop(() => stop.abort());
      try {
        const served = await serveDashboard(context, { port, traffic });
        if (context.json) printJson({ url: served.url });
        else print(served.url);
        say(
          "its address holds the token that pause and abort need as well: keep it to yourself; Ctrl-C ends the dashboard, and no run",
        );
        await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
        await served.close();
      } finally {
        listening();
      }
    });
}

function portOf(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError("a whole number from 0 to 65535.");
}
