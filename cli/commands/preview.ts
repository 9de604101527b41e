import type { Command } from "commander";
import { checkWritable } from "../../fleet/change-set/index.ts";
import { changesOf, succeeded, summarise } from "../../fleet/run/summary.ts";
import { prepare } from "../context.ts";
import { type FleetOptions, previewOver } from "../fleet.ts";
import {
  changeSetOf,
  FORMATS,
  type Format,
  fullFile,
  readFormat,
  renderChangeSet,
  writeChangeSet,
} from "../output/change-set.ts";
import { printJson, say } from "../output/style.ts";
import { withFleet } from "./fleet-options.ts";

interface PreviewOptions extends FleetOptions {
  readonly detailedExitcode?: boolean;
  readonly why?: boolean;
  readonly format?: Format;
  readonly out?: readonly string[];
  readonly link?: string;
}

/** `sitefleet preview`: what an update would do, over all stacks, as one change set. */
export function registerPreview(program: Command): void {
  const collect = (value: string, previous: string[] = []) => [...previous, value];
  withFleet(program.command("preview"))
    .description("show what `up` would do, over all stacks. Changes nothing.")
    .option("--refresh", "compare with what is live as well")
    .option("--why", "say for each stack why it was opened")
    .option("--format <form>", `${FORMATS.join(", ")} (default: terminal; of a file: by its ending)`, readFormat)
    .option("--out <file>", "write the change set to this file (.json, .html, .md); several times for several", collect)
    .option("--link <url>", "where the full change set will be found; named in the shortened forms")
    .option("--detailed-exitcode", "exit with 0 = no changes, 2 = changes, 1 = error")
    .action(async (options: PreviewOptions, command: Command) => {
      checkWritable(options.out ?? []);
      const context = await prepare(command);
      const run = await previewOver(context, options);
      if (options.why) for (const [stack, reason] of Object.entries(run.reasons)) say(`${stack}: ${reason}`);
      const set = changeSetOf(run);
      const { out = [], format, link } = options;
      writeChangeSet(set, out, format, link);
      for (const file of out) say(`wrote ${file}`);
      if (context.json) {
        const { unopened, reasons } = run;
        const steps = run.results.flatMap(({ stack, steps }) => steps.map((step) => ({ stack, ...step })));
        printJson({
          ok: succeeded(run),
          digest: set.digest,
          ...summarise(run),
          unopened,
          reasons,
          steps,
          notes: set.notes ?? [],
          preflight: set.preflight ?? [],
        });
      } else {
        // With files stdout stays the summary.
        const form = out.length > 0 ? "terminal" : (format ?? "terminal");
        process.stdout.write(renderChangeSet(set, form, link ?? fullFile(out, format)));
      }
      if (!succeeded(run)) process.exitCode ||= 1;
      else if (options.detailedExitcode && changesOf(run.results) > 0) process.exitCode ||= 2;
    });
}
