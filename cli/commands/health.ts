import type { Command } from "commander";
import type { z } from "zod";
import { checkWritable, writeDocument } from "../../fleet/change-set/index.ts";
import { renderJunit, renderPrometheus } from "../../fleet/health/index.ts";
import { health } from "../../operations/health.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, showOperation } from "../from-operation.ts";
import { HealthTeller, renderHealth } from "../output/health.ts";
import { print, printJson, say } from "../output/style.ts";

/** What the terminal adds: files of results. */
interface HealthCommand extends z.input<typeof health.input> {
  readonly junit?: string;
  readonly prometheus?: string;
}

/** `sitefleet health`: checks sites, services or one deployment. Changes nothing. */
export function registerHealth(program: Command): void {
  operationCommand(program.command("health"), health)
    .option("--junit <file>", "write the results as JUnit XML")
    .option("--prometheus <file>", "write the results for Prometheus' textfile collector")
    .action(async (options: HealthCommand, command: Command) => {
      const { junit, prometheus } = options;
      checkWritable([junit, prometheus].filter((file) => file !== undefined));
      const context = await prepare(command);
      const performed = await showOperation(context, health, inputOf(health.input, options), new HealthTeller()).catch(
        whenStopped,
      );
      if (performed === undefined) return;
      const { results, report, evidence } = performed.value;
      if (junit !== undefined) writeDocument(junit, renderJunit(results, report.seconds));
      if (prometheus !== undefined) {
        writeDocument(prometheus, renderPrometheus(results, report.seconds, Date.now()));
      }
      if (context.json) printJson(performed.document);
      else print(renderHealth(results, report, evidence));
      process.exitCode ||= performed.exitCode;
    });
}

function whenStopped(error: Error): undefined {
  if (error.name !== "AbortError") throw error;
  say("stopped; nothing was judged");
}
