/** Operations whose events are kept and told: those that can hurt. */
export const RUNS: ReadonlySet<string> = new Set([
  "up",
  "rollout",
  "rollout abort",
  "rollout pause",
  "rollout promote",
  "rollout resume",
  "rollback",
  "plesk deploy",
  "plesk rollback",
]);
/** Whether an operation is recorded. Pure. */
export const isRecorded = (name: string, input: object): boolean =>
  RUNS.has(name) ||
  name === "health" ||
  name === "drift" ||
  name === "cost spikes" ||
  (name === "preview" && "refresh" in input && input.refresh === true);
