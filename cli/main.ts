import { type Command, CommanderError } from "commander";
import { keepFindings } from "../environment/kept.ts";
import { keepingOf } from "../toolchain/programs.mjs";
import { onlyReads } from "./kinds.ts";
import { showError } from "./output/errors.ts";
import { guardStreams } from "./output/streams.ts";
import { buildProgram } from "./program.ts";

const json = process.argv.includes("--json");
let command: Command | undefined;
keepFindings(keepingOf(process.argv[1]));
guardStreams(() => onlyReads(command));
try {
  const program = await buildProgram(process.argv.slice(2));
  program.hook("preAction", (_, action) => {
    command = action;
  });
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own message; help and version end with 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else showError(error, json);
}
