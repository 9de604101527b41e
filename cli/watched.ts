import type { FleetEvent } from "../operations/kit/events.ts";
import { overStacks, type Watching } from "../operations/kit/watch.ts";
import { Teller } from "./output/teller.ts";
import { stoppable } from "./stoppable.ts";

const teller = new Teller();

/** Shows progress; Ctrl-C, SIGTERM and a closed terminal stop the run in order. */
export const watched = <Result>(
  total: number,
  run: (observer: Watching, signal: AbortSignal) => Promise<Result>,
): Promise<Result> => stoppable<FleetEvent, Result>(teller, (emit, signal) => overStacks({ emit, signal }, total, run));
