import type { Command } from "commander";
import { type Finding, findingLines, readSafeguard, SAFEGUARDS, type Safeguard } from "../fleet/run/preflight/index.ts";
import { forPeople, say } from "./output/style.ts";

/** What the commands that change something take. */
export interface AllowFlags {
  /** Safeguards that are lifted for this run. @default none */
  readonly allow?: readonly Safeguard[];
}

/** Adds `--allow`. */
export function withAllow(command: Command): Command {
  return command.option(
    "--allow <safeguard>",
    `lift one safeguard for this run: ${SAFEGUARDS.join(", ")}; may be given several times`,
    (text: string, before: Safeguard[] = []) => [...before, readSafeguard(text)],
  );
}

/** Tells what the preflight found and did not refuse, or what was lifted. */
export function sayFindings(findings: readonly Finding[]): void {
  for (const finding of findings) {
    const lines = findingLines(finding);
    say(finding.severity === "refuse" ? forPeople.yellow(lines.join("\n")) : lines.join("\n"));
  }
}
