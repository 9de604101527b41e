import { expect } from "vitest";
import type { EngineEvent } from "../../../fleet/engine/event-log.ts";
import { OutcomeBuilder } from "../../../fleet/engine/outcome.ts";
import type { Run } from "./engine.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The steps a run took for a resource, in order. */
export function opsOf(run: Run, name: string): string[] {
  return run.steps.filter((step) => step.name === name).map((step) => step.op);
}

/** Property paths that a review lists, by logical name. */
export function pathsOf(events: readonly EngineEvent[]): Map<string, string[]> {
  const builder = new OutcomeBuilder();
  for (const event of events) builder.add(event);
  return new Map(builder.outcome().steps.map(({ name, diffs }) => [name, diffs.map(({ path }) => path)]));
}

/** True for a value that a preview does not know yet; of a secret, the event log tells only that it is one. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN || isSecret(value);
}

/** True for a value that the state file holds encrypted. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET;
}

/** Compares a value with what the table states; regular expressions match text, anywhere inside. */
export function shows(value: unknown, wanted: unknown, where: string): void {
  if (wanted instanceof RegExp) expect(String(value), where).toMatch(wanted);
  else if (Array.isArray(wanted)) {
    expect(Array.isArray(value) ? value.length : value, where).toBe(wanted.length);
    for (const [index, item] of wanted.entries()) shows((value as unknown[])[index], item, `${where}[${index}]`);
  } else expect(value, where).toEqual(wanted);
}
