import { SitefleetError, systemError } from "../../errors/index.ts";
import { forPeople, printJson, say } from "./style.ts";

/** Shows an error to the caller and sets the exit code. Errors of ours have no stack trace; others are a defect and keep it. */
export function showError(thrown: unknown, json: boolean): void {
  const error = systemError(thrown) ?? thrown;
  if (error instanceof SitefleetError) {
    if (json) printJson({ error: error.toJSON() });
    const subject = error.subject === undefined ? "" : `${error.subject}: `;
    say(`${forPeople.red("error:")} ${subject}${error.message}`);
    for (const detail of error.details) say(`  ${detail}`);
    if (error.hint !== undefined) say(`${forPeople.dim("hint:")} ${error.hint}`);
    process.exitCode ||= error.exitCode;
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (json) printJson({ error: { code: "internal", message: error instanceof Error ? error.message : text } });
  say(`${forPeople.red("internal error:")} ${text}`);
  process.exitCode = 70;
}
