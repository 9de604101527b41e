import type { Command } from "commander";
import type { z } from "zod";
import { checkWritable, writeDocument } from "../../fleet/change-set/index.ts";
import { cyclePicture } from "../../fleet/cost/index.ts";
import { cost } from "../../operations/cost.ts";
import { costAdvice } from "../../operations/cost-advice.ts";
import { costCharges } from "../../operations/cost-charges.ts";
import { costForecast } from "../../operations/cost-forecast.ts";
import { costSpikes } from "../../operations/cost-spikes.ts";
import { costTarget } from "../../operations/cost-target.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { renderAdvice, renderCharges, renderCost, renderForecast, renderSpikes, renderTarget } from "../output/cost.ts";
import { csv } from "../output/csv.ts";
import { print, printJson, say } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** What the terminal adds. */
interface Forms {
  readonly csv?: boolean;
  readonly svg?: string;
}

const CSV = ["--csv", "print CSV on stdout"] as const;

/** `sitefleet cost …`: what the estate costs, what was charged, what the cycle will come to. */
export function registerCost(program: Command): void {
  const command = operationCommand(program.command("cost"), cost)
    .option(...CSV)
    .action(async (options: z.input<typeof cost.input> & Forms, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, cost, inputOf(cost.input, options), SILENT);
      if (context.json) return printJson(document);
      if (!options.csv) return print(renderCost(value));
      const { currency } = value.estimate;
      const head = ["part", "projects", "amount", "currency", "estimated", "depends on"];
      const rows = value.by.map(({ name, projects, amount, estimated, dependsOn }) => [
        name,
        projects,
        amount,
        currency,
        String(estimated),
        dependsOn.join(" "),
      ]);
      process.stdout.write(csv([head, ...rows]));
    });
  operationCommand(command.command("charges"), costCharges)
    .option(...CSV)
    .action(async (_: object, command: Command) => {
      // `--by` and `--csv` are options of `cost` as well, which takes them wherever they stand.
      const options = command.optsWithGlobals<z.input<typeof costCharges.input> & Forms>();
      const context = await prepare(command);
      const { value, document } = await performShown(context, costCharges, inputOf(costCharges.input, options), SILENT);
      if (context.json) printJson(document);
      else if (options.csv)
        process.stdout.write(
          csv([
            ["what", "amount", "currency"],
            ...value.groups.map(({ name, amount }) => [name, amount, value.table.currency]),
          ]),
        );
      else print(renderCharges(value));
    });
  registerForecast(command);
  operationCommand(command.command("spikes"), costSpikes).action(async (options: object, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, costSpikes, inputOf(costSpikes.input, options), SILENT);
    if (context.json) printJson(document);
    else if (value.spikes.length === 0) say("no day cost more than expected");
    else print(renderSpikes(value.spikes, value.currency));
  });
  operationCommand(command.command("advice"), costAdvice).action(async (_: object, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, costAdvice, {}, SILENT);
    if (context.json) printJson(document);
    else if (value.advice.length === 0) say("there is nothing to advise");
    else print(renderAdvice(value));
  });
  operationCommand(command.command("target"), costTarget).action(async (options: object, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, costTarget, inputOf(costTarget.input, options), SILENT);
    if (context.json) printJson(document);
    else print(renderTarget(value));
  });
}

function registerForecast(command: Command): void {
  operationCommand(command.command("forecast"), costForecast)
    .option(...CSV)
    .option("--svg <file>", "write a picture of the cycle with its interval to this file")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<z.input<typeof costForecast.input> & Forms>();
      if (options.svg !== undefined) checkWritable([options.svg]);
      const context = await prepare(command);
      const input = inputOf(costForecast.input, options);
      const { value, document } = await performShown(context, costForecast, input, SILENT);
      const { forecast } = value;
      if (options.svg !== undefined && forecast.kind === "forecast") {
        writeDocument(options.svg, cyclePicture(forecast));
        say(`wrote ${options.svg}`);
      } else if (options.svg !== undefined) say("no picture: there is too little history for a forecast");
      if (context.json) printJson(document);
      else if (options.csv && forecast.kind === "forecast") {
        const head = ["day", "known", "expected", "low80", "high80", "low95", "high95", "currency"];
        const rows = forecast.days.map((day) => [
          day.day,
          String(day.known),
          day.expected,
          day.low80,
          day.high80,
          day.low95,
          day.high95,
          forecast.currency,
        ]);
        process.stdout.write(csv([head, ...rows]));
      } else print(renderForecast(value));
    });
}
