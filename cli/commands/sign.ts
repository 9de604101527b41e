import type { Command } from "commander";
import type { z } from "zod";
import { sign } from "../../operations/sign.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { printJson, say } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet sign`: signs the provenance of built artifacts. */
export function registerSign(program: Command): void {
  operationCommand(program.command("sign"), sign).action(
    async (options: z.input<typeof sign.input>, command: Command) => {
      const context = await prepare(command);
      const { document } = await performShown(context, sign, inputOf(sign.input, options), SILENT);
      if (context.json) printJson(document);
      else for (const { service, file } of document.signed) say(`${service}: signed, ${file}`);
    },
  );
}
