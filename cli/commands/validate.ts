import type { Command } from "commander";
import { formatProblem } from "../../model/index.ts";
import { validate } from "../../operations/validate.ts";
import { prepare } from "../context.ts";
import { operationCommand, performShown } from "../from-operation.ts";
import { forPeople, plural, print, printJson, say } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet validate`: checks the catalog and lists everything that is wrong with it. */
export function registerValidate(program: Command): void {
  operationCommand(program.command("validate"), validate).action(async (_options, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, validate, {}, SILENT);
    const { catalogDir, problems, figures, warnings } = value;
    if (context.json) printJson(document);
    else for (const problem of problems) print(formatProblem(problem));
    for (const warning of warnings) say(`${forPeople.yellow("warning:")} ${warning}`);
    if (problems.length > 0) {
      say(`${forPeople.red("error:")} ${plural(problems.length, "problem")} in ${catalogDir}`);
    } else if (figures && !context.json) {
      print(
        `${catalogDir} is valid: ${plural(figures.sites, "site")}, ${plural(figures.zones, "zone")}, ` +
          `${plural(figures.services, "service")}, ${plural(figures.secrets, "secret")}`,
      );
    }
  });
}
