// A runner: a process that carries out one job after the other. Its modules are loaded once for many stacks, and what one
// program throws cannot be taken for another's.

import "../../../stacks/preload.cjs";
import type { Inputs, Program } from "../../../stacks/program.ts";
import { StackKey } from "../../backend/secrets/stack-key.ts";
import { engineStore } from "../../backend/store/state-store.ts";
import { assumeEngine } from "../../engine/engine-command.ts";
import { operateInCopy } from "../../engine/in-copy.ts";
import type { JobResult } from "../../engine/job.ts";
import { connectAnew, failLostPrograms } from "../../engine/lost-engine.ts";
import type { Adoption } from "../../engine/operate.ts";
import type { Step } from "../../engine/outcome.ts";
import { readAnswersPlainly } from "../../engine/plain-answers.ts";
import {
  callPlainly,
  makeOutputsWhenAsked,
  muteDebugLog,
  skipEmptyOutputs,
  skipPromiseTraces,
  skipSourcePositions,
} from "../../engine/quiet-sdk.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";

muteDebugLog();
failLostPrograms();
connectAnew();
skipPromiseTraces();
skipSourcePositions();
skipEmptyOutputs();
makeOutputsWhenAsked();
callPlainly();
readAnswersPlainly();
// The pool may be gone: then there is no one to tell.
const send = (message: FromRunner) => process.connected && process.send?.(message, undefined, {}, () => {});
let inputs: { dir: string; value: Inputs } | undefined;
let abort: AbortController | undefined;

async function carryOut(message: Extract<ToRunner, { type: "job" }>): Promise<JobResult> {
  Object.assign(process.env, message.env);
  if (message.engine !== undefined) assumeEngine(message.engine);
  abort = new AbortController();
  // What stays as it is ends too, and was never told: most of a stack.
  const told = new Set<string>();
  const watch = {
    started(step: Step) {
      told.add(step.urn);
      send({ type: "step", step });
    },
    ended(urn: string) {
      if (told.delete(urn)) send({ type: "step-ended", urn });
    },
  };
  const key = message.key && StackKey.unpacked(message.key);
  return operateInCopy(message.job, await inputsOf(message), watch, adopt, abort.signal, key);
}

// What few jobs need is loaded by these: taking objects over, and reading the catalog.
const adopt: Adoption = async (...asked) => (await import("../../repair/index.ts")).adoptConflicts(...asked);

/** The catalog, read once; not at all for a job that brings what its stack is to be. @throws SitefleetError `catalog.invalid` */
async function inputsOf({ catalogDir: dir, job }: Extract<ToRunner, { type: "job" }>): Promise<Program> {
  const { desired, policies } = job;
  if (desired !== undefined) return { state: async () => desired, policies };
  if (inputs?.dir === dir) return inputs.value;
  const { loadInputs } = await import("../../../stacks/program.ts");
  inputs = { dir, value: loadInputs(dir) };
  return inputs.value;
}

// The client of a bucket or table is loaded while there is no job yet. What is wrong with it the job tells.
void engineStore(process.env)?.catch(() => {});

/** How long an engine may take to end what is in flight once the run does not wait for it any more, ms. */
const ORPHAN_MS = 60_000;
let busy = false;

/** The pool is gone (kill -9): the engine ends what is in flight and saves its state, instead of going on unseen. */
function orphaned(): void {
  if (!busy) process.exit();
  abort?.abort();
  setTimeout(() => process.exit(1), ORPHAN_MS).unref();
}

process.on("message", async (message: ToRunner) => {
  if (message.type === "exit") process.disconnect();
  else if (message.type === "cancel") abort?.abort();
  else {
    busy = true;
    const result = await carryOut(message);
    busy = false;
    send({ type: "result", result });
    if (!process.connected) process.exit();
  }
});
// The pool decides what a stop means, and says so by `cancel`.
process.on("SIGINT", () => {});
// It is the pool's, and may be gone: no message is worth the engine's work.
process.stderr.on("error", () => {});
process.on("disconnect", orphaned);
