// A runner: a process that carries out one job after the other. Its modules are loaded once for many stacks, and what one
// program throws cannot be taken for another's.

import { type Inputs, loadInputs } from "../../stacks/program.ts";
import type { JobResult } from "../engine/operate.ts";
import { operate } from "../engine/operate.ts";
import { muteDebugLog } from "../engine/quiet-sdk.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";

muteDebugLog();
const send = (message: FromRunner) => process.send?.(message);
let inputs: { dir: string; value: Inputs } | undefined;
let abort: AbortController | undefined;

async function carryOut(message: Extract<ToRunner, { type: "job" }>): Promise<JobResult> {
  if (inputs?.dir !== message.catalogDir) inputs = { dir: message.catalogDir, value: loadInputs(message.catalogDir) };
  abort = new AbortController();
  return operate(message.job, inputs.value, (step) => send({ type: "step", step }), abort.signal);
}

process.on("message", async (message: ToRunner) => {
  if (message.type === "exit") process.disconnect();
  else if (message.type === "cancel") abort?.abort();
  else send({ type: "result", result: await carryOut(message) });
});
// Ctrl-C at a terminal reaches the whole group: the pool decides what happens then, and says so by `cancel`.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
