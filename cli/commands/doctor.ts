import type { Command } from "commander";
import { doctor } from "../../operations/doctor.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { renderDoctor } from "../output/doctor.ts";
import { print, printJson } from "../output/style.ts";

/** Nothing is changed, so that a stop needs no word. */
const SHOWS = { stopping: "", emit() {} };

/** `sitefleet doctor`: everything that a run needs, one line each. */
export function registerDoctor(program: Command): void {
  operationCommand(program.command("doctor"), doctor).action(async (options: object, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, doctor, inputOf(doctor.input, options), SHOWS);
    if (context.json) printJson(document);
    else print(renderDoctor(value));
  });
}
