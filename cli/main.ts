import { CommanderError } from "commander";
import { showError } from "./output/errors.ts";
import { buildProgram } from "./program.ts";

const json = process.argv.includes("--json");
try {
  await buildProgram().parseAsync();
} catch (error) {
  // Commander has printed its own message; help and version end with 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else showError(error, json);
}
