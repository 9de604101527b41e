import type { Command } from "commander";
import type { z } from "zod";
import { ciComment } from "../../operations/ci/comment.ts";
import { ciContinue } from "../../operations/ci/continue.ts";
import { ciData } from "../../operations/ci/data.ts";
import { ciPlan } from "../../operations/ci/plan.ts";
import { ciWorkflows } from "../../operations/ci/workflows.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { append, continueOutputs, continueText, outputLines, planOutputs, planText } from "../output/ci.ts";
import { plural, print, printJson, say, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** What the command line adds: files that a CI reads when a step has ended. */
interface Files {
  readonly outputs?: string;
  readonly summary?: string;
}

/** `sitefleet ci …`: what a CI's jobs need beside the other commands. */
export function registerCi(program: Command): void {
  const ci = program.command("ci").description("what the jobs of a CI need beside the other commands");
  told(operationCommand(ci.command("plan"), ciPlan)).action(
    async (options: z.input<typeof ciPlan.input> & Files, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, ciPlan, inputOf(ciPlan.input, options), SILENT);
      append(options.outputs, outputLines(planOutputs(value)));
      append(options.summary, planText(value));
      if (context.json) printJson(document);
      else print(planText(value).trimEnd());
    },
  );
  told(operationCommand(ci.command("continue"), ciContinue)).action(
    async (options: z.input<typeof ciContinue.input> & Files, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, ciContinue, inputOf(ciContinue.input, options), SILENT);
      append(options.outputs, outputLines(continueOutputs(value)));
      append(options.summary, continueText(value));
      if (context.json) printJson(document);
      else print(continueText(value).trimEnd());
    },
  );
  operationCommand(ci.command("data"), ciData).action(
    async (options: z.input<typeof ciData.input>, command: Command) => {
      const context = await prepare(command);
      const { document } = await performShown(context, ciData, inputOf(ciData.input, options), SILENT);
      if (context.json) printJson(document);
      else say(`took ${plural(document.files, "file")}, ${document.bytes} bytes, of ${document.head.slice(0, 12)}`);
    },
  );
  operationCommand(ci.command("comment"), ciComment)
    .option("--summary <file>", "add the text to this file as well")
    .action(async (options: z.input<typeof ciComment.input> & Files, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, ciComment, inputOf(ciComment.input, options), SILENT);
      append(options.summary, value.text);
      if (context.json) printJson(document);
      else
        say(
          `${value.done === "left" ? "a newer run's comment is left as it is" : `comment ${value.done}`} ${value.url}`,
        );
    });
  operationCommand(ci.command("workflows"), ciWorkflows).action(
    async (options: z.input<typeof ciWorkflows.input>, command: Command) => {
      const context = await prepare(command);
      const { document } = await performShown(context, ciWorkflows, inputOf(ciWorkflows.input, options), SILENT);
      if (context.json) return printJson(document);
      const stateOf = (name: string, current: boolean) =>
        document.written.includes(name) ? "written" : current ? "current" : "not current";
      print(table(document.files.map(({ name, current }) => [name, stateOf(name, current)])));
      say(`branch that is carried out: ${document.branch}`);
      say(`secrets that they read: ${document.secrets.join(", ")}`);
    },
  );
}

/** Adds the files that GitHub names in a job, `GITHUB_OUTPUT` and `GITHUB_STEP_SUMMARY`. */
function told(command: Command): Command {
  return command
    .option("--outputs <file>", "add what later jobs need to this file, a line NAME=VALUE each")
    .option("--summary <file>", "add the text to this file as well");
}
