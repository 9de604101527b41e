import type { Command } from "commander";
import { alerts } from "../../operations/alerts.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { print, printJson, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet alerts`: the rules by which a person is told. */
export function registerAlerts(program: Command): void {
  operationCommand(program.command("alerts"), alerts).action(async (options: { out?: string }, command: Command) => {
    const context = await prepare(command);
    const { document } = await performShown(context, alerts, inputOf(alerts.input, options), SILENT);
    if (context.json) printJson(document);
    else if (document.files.length > 0) print(document.files.join("\n"));
    else
      print(
        table(
          document.rules.map(({ alert, severity, for: lasts, expr, tested }) => [
            alert,
            severity,
            lasts,
            tested ? expr : `${expr} (no values were found that make it fire: it has no tests)`,
          ]),
        ),
      );
  });
}
