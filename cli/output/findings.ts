import { type Finding, findingLines } from "../../fleet/run/preflight/index.ts";
import { forPeople, say } from "./style.ts";

/** Tells what the preflight found and did not refuse, or what was lifted. */
export function sayFindings(findings: readonly Finding[]): void {
  for (const finding of findings) {
    const lines = findingLines(finding);
    say(finding.severity === "refuse" ? forPeople.yellow(lines.join("\n")) : lines.join("\n"));
  }
}
