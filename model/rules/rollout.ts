import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";

/** Waves grow to everything, and the canary cell is the first of them. */
export function rolloutRules({ rollout }: Draft, report: Report): void {
  if (rollout === undefined) return;
  const { waves, services } = rollout.value;
  const names = new Set<string>();
  let reached = 0;
  for (const [index, { name, share }] of waves.entries()) {
    const at = (field: string) => rollout.at("waves", index, field);
    if (names.has(name)) report("rollout.waves", at("name"), `${show(name)} stands twice`, "a name of its own");
    names.add(name);
    if (share === "canary") {
      if (index > 0) report("rollout.waves", at("share"), "the canary cell is not first", "canary as the first wave");
    } else if (share <= reached) {
      report("rollout.waves", at("share"), `${share} is no more than the wave before reached`, `more than ${reached}`);
    } else reached = share;
  }
  const last = waves.length - 1;
  if (waves[last]?.share !== 100) {
    report("rollout.waves", rollout.at("waves", last, "share"), "the last wave does not reach all", "100");
  }
  const after = services?.after;
  if (after !== undefined && !names.has(after))
    report(
      "rollout.services",
      rollout.at("services", "after"),
      `${show(after)} is no wave`,
      `one of ${[...names].join(", ")}`,
    );
}
