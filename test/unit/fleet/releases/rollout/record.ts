import type { RolloutRecord } from "../../../../../fleet/releases/rollout/types.ts";

let count = 0;

/** A rollout that has begun, of an id of its own. */
export const runningRecord = (waves: RolloutRecord["waves"], more: Partial<RolloutRecord> = {}): RolloutRecord => ({
  version: 1,
  id: `r${count++}`,
  digest: "d",
  startedAt: new Date(0).toISOString(),
  status: "running",
  reason: "",
  rollback: true,
  keep: false,
  waves,
  before: {},
  target: {},
  ...more,
});
