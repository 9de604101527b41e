import type { Command } from "commander";
import { checkWritable } from "../../fleet/change-set/index.ts";
import { preview } from "../../operations/preview.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { FORMATS, type Format, fullFile, readFormat, renderChangeSet, writeChangeSet } from "../output/change-set.ts";
import { printJson, say } from "../output/style.ts";
import { Teller } from "../output/teller.ts";

/** What the terminal adds: where the change set goes, and in which form. */
interface Where {
  readonly why?: boolean;
  readonly format?: Format;
  readonly out?: readonly string[];
  readonly link?: string;
}

/** `sitefleet preview`: what an update would do, over all stacks, as one change set. */
export function registerPreview(program: Command): void {
  const collect = (value: string, previous: string[] = []) => [...previous, value];
  operationCommand(program.command("preview"), preview)
    .option("--why", "say for each stack why it was opened")
    .option("--format <form>", `${FORMATS.join(", ")} (default: terminal; of a file: by its ending)`, readFormat)
    .option("--out <file>", "write the change set to this file (.json, .html, .md); several times for several", collect)
    .option("--link <url>", "where the full change set will be found; named in the shortened forms")
    .action(async (options: Where, command: Command) => {
      const { out = [], format, link } = options;
      checkWritable(out);
      const context = await prepare(command);
      const { value, document } = await performShown(context, preview, inputOf(preview.input, options), new Teller());
      const { run, set } = value;
      if (options.why) for (const [stack, reason] of Object.entries(run.reasons)) say(`${stack}: ${reason}`);
      writeChangeSet(set, out, format, link);
      for (const file of out) say(`wrote ${file}`);
      if (context.json) return printJson(document);
      // With files stdout stays the summary.
      const form = out.length > 0 ? "terminal" : (format ?? "terminal");
      process.stdout.write(renderChangeSet(set, form, link ?? fullFile(out, format)));
    });
}
