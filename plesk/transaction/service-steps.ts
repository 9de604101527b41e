import { hasCode, SitefleetError } from "../../errors/index.ts";
import type { Wanted } from "../commands/inspect.ts";
import { SAY } from "../commands/script.ts";
import { stepScript } from "../commands/steps.ts";
import { EXIT } from "../exit-codes.ts";
import type { Service } from "../input.ts";
import type { Phase, Step } from "../kinds/step.ts";
import { KIND_STEPS } from "../kinds/steps.ts";
import type { Said, Session } from "../remote/session.ts";
import type { Run } from "./context.ts";

/** Seconds for a step that names no limit. */
const DEFAULT_SECONDS = 300;

/** All steps of a service: those of its kind, when it asks for them, then its own. */
export function stepsOf(service: Pick<Service, "kind" | "steps" | "commands">): readonly Step[] {
  return [...(service.steps === "kind" ? KIND_STEPS[service.kind] : []), ...service.commands];
}

/** Steps of a service that change its database when a release with these paths is made live. */
export function migrationsOf(
  service: Pick<Service, "kind" | "steps" | "commands">,
  paths: ReadonlySet<string>,
): readonly Step[] {
  return stepsOf(service).filter(({ migrates, when }) => migrates && (when === undefined || paths.has(when)));
}

/** What a report of the service's state is to answer for a run. @param id See {@link Wanted.id}. */
export function wantedOf(run: Run, id?: string): Wanted {
  return { id, programs: stepsOf(run.document.service).map((step) => step.argv[0]!) };
}

/** Lines of a step's output that are told when it does not show what it has to. */
const TOLD = 10;

/** Holds what a step showed against what it has to show. @throws SitefleetError `plesk.step` */
function hold(run: Run, step: Step, said: Said): void {
  if (step.expect === undefined) return;
  const output: string[] = [];
  const files = new Map<string, string>();
  let file = "";
  for (const line of said) {
    const [, word, text = ""] =
      /^(output|file|text) (.*)$/s.exec(line.startsWith(SAY) ? line.slice(SAY.length) : "") ?? [];
    if (word === "output") output.push(text);
    else if (word === "file") {
      file = text;
      files.set(file, "");
    } else if (word === "text") files.set(file, `${files.get(file)}${text}\n`);
  }
  const wrong = step.expect.judge({ output: output.join("\n"), files });
  if (wrong === undefined) return;
  const lines = output.filter((line) => line.trim() !== "").slice(-TOLD);
  throw new SitefleetError({
    code: "plesk.step",
    subject: run.document.service.key,
    message: `${step.name} ended well, but ${wrong}`,
    hint: "a step before it did not do what it said; read its output, and run it by hand on the host",
    details: lines.map((line) => line.slice(0, 300)),
    exitCode: EXIT.remote,
  });
}

/** Runs one step in a release. @returns false when it was skipped. @throws SitefleetError `plesk.step` with the end of its output. */
export async function runStep(run: Run, session: Session, release: string, step: Step): Promise<boolean> {
  const script = stepScript(run.layout, run.token, release, step);
  const timeoutMs = (step.timeoutSeconds ?? DEFAULT_SECONDS) * 1000;
  try {
    // A migration whose connection broke may still be running: it is ended and taken back, never started twice.
    const more = step.expect === undefined ? {} : { maxStdout: 64 * 1024 * 1024 };
    return await run.steps.step(step.name, async () => {
      const said = await session.run(step.name, script, { timeoutMs, once: true, ...more });
      if (said.includes(`${SAY}skipped`)) return false;
      hold(run, step, said);
      return true;
    });
  } catch (error) {
    if (!(error instanceof SitefleetError) || !error.code.startsWith("plesk.remote")) throw error;
    const missing = hasCode(error, "plesk.remote.missing-program");
    throw new SitefleetError({
      code: "plesk.step",
      subject: run.document.service.key,
      message: missing ? `${step.name}: ${step.argv[0]} is not on the host` : `${step.name} failed`,
      hint: missing
        ? `bring ${step.argv[0]} with the artifact or install it`
        : "read the output; the release is not used again as it is",
      details: error.details,
      exitCode: EXIT.remote,
      cause: error,
    });
  }
}

/** Runs all steps of a phase in order. @returns names of those that ran. */
export async function runPhase(
  run: Run,
  session: Session,
  phase: Phase,
  release: string,
  before?: (step: Step) => Promise<void>,
): Promise<string[]> {
  const ran: string[] = [];
  for (const step of stepsOf(run.document.service)) {
    if (step.phase !== phase) continue;
    await before?.(step);
    if (await runStep(run, session, release, step)) ran.push(step.name);
  }
  return ran;
}
