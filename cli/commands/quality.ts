import type { Command } from "commander";
import type { z } from "zod";
import { qualityRun } from "../../operations/quality-run.ts";
import { qualityShow } from "../../operations/quality-show.ts";
import { qualityStatus } from "../../operations/quality-status.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { QualityTeller, showFound, showRun, showStatus } from "../output/quality.ts";
import { printJson } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet quality …`: what must be green before and after a deployment. */
export function registerQuality(program: Command): void {
  const quality = program.command("quality").description("what must be green before and after a deployment");
  operationCommand(quality.command("run"), qualityRun).action(
    async (options: z.input<typeof qualityRun.input>, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(qualityRun.input, options);
      const { value, document } = await performShown(context, qualityRun, input, new QualityTeller());
      if (context.json) printJson(document);
      else showRun(value);
    },
  );
  operationCommand(quality.command("status"), qualityStatus).action(
    async (options: z.input<typeof qualityStatus.input>, command: Command) => {
      const context = await prepare(command);
      const { document } = await performShown(context, qualityStatus, inputOf(qualityStatus.input, options), SILENT);
      if (context.json) printJson(document);
      else showStatus(document);
    },
  );
  operationCommand(quality.command("show"), qualityShow).action(async (what: string, _options, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, qualityShow, { what }, SILENT);
    if (context.json) printJson(document);
    else showFound(value);
  });
}
