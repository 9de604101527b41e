import type { FrameOptions } from "../../fleet/run/locked-run.ts";
import type { RunObserver } from "../../fleet/run/run.ts";
import { type FleetEvent, stackEnded } from "./events.ts";
import { DEFAULT_LOCK_TIMEOUT } from "./fields.ts";
import type { Tools } from "./operation.ts";

/** A run's observer that also takes stacks which join it. */
export interface Watching extends Required<RunObserver> {
  /** So many stacks more. */
  more(stacks: number): void;
}

/** Tells how work over stacks goes on. @param total stacks */
export async function overStacks<Result>(
  { emit, signal }: Pick<Tools<FleetEvent>, "emit" | "signal">,
  total: number,
  work: (observer: Watching, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  emit({ event: "begun", total });
  try {
    return await work(
      {
        started: (stack) => emit({ event: "stack-started", stack }),
        step: (stack, step) => emit({ event: "step", stack, step }),
        stepEnded: (stack, urn) => emit({ event: "step-ended", stack, urn }),
        ended: (result) => emit(stackEnded(result)),
        more: (stacks) => emit({ event: "more", stacks }),
      },
      signal,
    );
  } finally {
    emit({ event: "done" });
  }
}

/** What a locked run tells, and how long it waits. @param lockTimeout seconds. @default DEFAULT_LOCK_TIMEOUT */
export const lockedFrame = (
  emit: (event: FleetEvent) => void,
  lockTimeout: number = DEFAULT_LOCK_TIMEOUT,
): Required<Pick<FrameOptions, "lockWaitMs" | "onWait" | "onRepair" | "onNotice">> => ({
  lockWaitMs: lockTimeout * 1000,
  onWait: (stack, holder) => emit({ event: "lock-waiting", stack, holder }),
  onRepair: (report) => emit({ event: "repaired", report }),
  onNotice: (text) => emit({ event: "notice", text }),
});
