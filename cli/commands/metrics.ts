import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { checkWritable, writeDocument } from "../../fleet/change-set/index.ts";
import { type MeasuredEvent, metrics } from "../../operations/metrics.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, showOperation } from "../from-operation.ts";
import { type Listen, readListen, serveMetrics } from "../metrics-server.ts";
import { print, printJson, say } from "../output/style.ts";

/** Seconds between two rounds of a server when nothing else is said: what Prometheus takes as usual. */
const DEFAULT_EVERY = 60;

/** What the terminal adds: where the text goes. */
interface MetricsCommand extends z.input<typeof metrics.input> {
  readonly textfile?: string;
  readonly listen?: Listen;
}

/** `sitefleet metrics`: the estate in figures, once on stdout or into a file, or served. */
export function registerMetrics(program: Command): void {
  operationCommand(program.command("metrics"), metrics)
    .option("--textfile <file>", "write the text for node_exporter's textfile collector, whole or not at all")
    .option(
      "--listen <address>",
      "serve /metrics at [host:]port until stopped; this machine only by default",
      readListen,
    )
    .action(async (options: MetricsCommand, command: Command) => {
      const { textfile, listen } = options;
      const input = inputOf(metrics.input, options);
      const every = input.every ?? (listen === undefined ? undefined : DEFAULT_EVERY);
      if (every !== undefined && textfile === undefined && listen === undefined)
        throw new SitefleetError({ code: "usage", message: "--every goes with --textfile or --listen" });
      checkWritable(textfile === undefined ? [] : [textfile]);
      const context = await prepare(command);
      const server = listen && (await serveMetrics(listen));
      if (server) say(server.url);
      const told = new Set<string>();
      const emit = ({ text, failed }: MeasuredEvent) => {
        server?.show(text);
        if (textfile !== undefined) writeDocument(textfile, text);
        for (const { source, reason } of failed) {
          if (told.has(source + reason)) continue;
          told.add(source + reason);
          say(`${source}: ${reason}`);
        }
      };
      try {
        const { value, document } = await showOperation(context, metrics, { ...input, every }, { emit });
        if (context.json) printJson(document);
        else if (textfile === undefined && server === undefined) print(value.text.trimEnd());
      } finally {
        server?.close();
      }
    });
}
