import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { stringify } from "yaml";
import { environment } from "../../environment/index.ts";
import { writeAtomically } from "../../fleet/backend/store/state-dir.ts";
import type { WrittenAnswers } from "../../operations/init/answers.ts";
import { KEPT } from "../../operations/init/plan.ts";
import { init } from "../../operations/init.ts";
import { STOPPED_EXIT } from "../../operations/kit/operation.ts";
import { prepare } from "../context.ts";
import { operationCommand, performShown } from "../from-operation.ts";
import { readAnswers } from "../init/answers-file.ts";
import { Stopped, terminalAsker } from "../init/asker.ts";
import { type AnswerFlags, answerOptions, withFlags } from "../init/flags.ts";
import { askMissing } from "../init/questions.ts";
import { renderDoctor } from "../output/doctor.ts";
import { print, printJson, say, table } from "../output/style.ts";

/** `sitefleet init`: sets an estate up; what the answers file lacks is asked on a terminal. */
export function registerInit(program: Command): void {
  const command = operationCommand(program.command("init"), init).option(
    "--answers <file>",
    "answers as YAML, `-` for stdin; nothing is asked then",
  );
  for (const option of answerOptions()) command.addOption(option);
  command.action(async (dir: string | undefined, options: AnswerFlags & { answers?: string }, command: Command) => {
    const context = await prepare(command);
    const answers = await answersFor(dir ?? "estate", options.answers, options);
    if (answers === undefined) return;
    const performed = await performShown(context, init, { dir, answers }, STEPS).catch(whenStopped);
    if (performed === undefined) return;
    const { value, document } = performed;
    if (context.json) printJson(document);
    else {
      print(table(value.done.map(({ what, how }) => [how, what])));
      print(`\n${renderDoctor(value.examined)}`);
      print(`\nNext:\n${value.next.map((line) => `  ${line}`).join("\n")}`);
    }
  });
}

/** Stopped between two steps: what is done is kept, and the exit code says it. */
function whenStopped(error: Error): undefined {
  if (error.name !== "AbortError") throw error;
}

const STEPS = {
  stopping: "stopping after this step; what is done is kept",
  emit(event: { readonly event: string; readonly step?: string }) {
    if (event.step !== undefined) say(event.step);
  },
};

/** The answers of the file; else those of the try before, and what is asked. Undefined when the person has ended it. */
async function answersFor(
  given: string,
  file: string | undefined,
  flags: AnswerFlags,
): Promise<WrittenAnswers | undefined> {
  if (file !== undefined) return withFlags(readAnswers(file), flags);
  const dir = resolve(given);
  const kept = join(dir, "init.yaml");
  const before = withFlags(existsSync(kept) ? readAnswers(kept) : {}, flags);
  if (!process.stdin.isTTY || !process.stderr.isTTY) return before;
  mkdirSync(dir, { recursive: true });
  const save = (answers: WrittenAnswers) => writeAtomically(kept, `${KEPT}${stringify(answers)}`);
  try {
    return await askMissing(before, { asker: await terminalAsker(), dir, env: environment(), save });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    say(`stopped; what was answered is kept in ${kept}, and the next sitefleet init goes on from there`);
    process.exitCode = STOPPED_EXIT;
    return undefined;
  }
}
