import type { Command } from "commander";

/** Whether an operation's command changes something, as the operation says. */
const CHANGES = new WeakMap<Command, boolean>();

/** Commands that change something and are made from no operation. */
export const CHANGING: readonly string[] = ["dashboard", "demo", "mcp", "sandbox start", "sandbox stop"];

/** Notes what kind of command is made from an operation. */
export function noteKind(command: Command, changes: boolean): void {
  CHANGES.set(command, changes);
}

/** A command's name below the program: `plesk deploy`. Pure. */
export function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  return names.join(" ");
}

/** Whether a command changes neither the estate, nor a host, the sandbox or files; none, as for a help, does not. */
export const onlyReads = (command: Command | undefined): boolean =>
  command === undefined || !(CHANGES.get(command) ?? CHANGING.includes(nameOf(command)));
