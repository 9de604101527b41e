import type { Command } from "commander";

/** Commands that change something: the estate, a host, the sandbox, files. All others only read. */
export const CHANGING: readonly string[] = [
  "build",
  "demo",
  "plesk db restore",
  "plesk db snapshot",
  "plesk deploy",
  "plesk permissions",
  "plesk rollback",
  "plesk unlock",
  "release clear",
  "rollback",
  "rollout",
  "rollout abort",
  "rollout pause",
  "rollout promote",
  "rollout resume",
  "sandbox start",
  "sandbox stop",
  "up",
];

/** A command's name below the program: `plesk deploy`. Pure. */
export function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  return names.join(" ");
}

/** Whether a command only reads; help and wrong command lines do. Pure. */
export const onlyReads = (name: string): boolean => !CHANGING.includes(name);
