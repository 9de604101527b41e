import type { FleetEvent } from "../operations/kit/events.ts";
import type { FleetInput } from "../operations/kit/fields.ts";
import { overStacks, type Watching } from "../operations/kit/watch.ts";
import { Teller } from "./output/teller.ts";
import { stoppable } from "./stoppable.ts";

/** Options of the commands that run over stacks. */
export type FleetOptions = FleetInput;

const teller = new Teller();

/** Tells a person at once. */
export const tell = (event: FleetEvent): void => teller.emit(event);

/** Shows progress; Ctrl-C, SIGTERM and a closed terminal stop the run in order. */
export const watched = <Result>(
  total: number,
  run: (observer: Watching, signal: AbortSignal) => Promise<Result>,
): Promise<Result> => stoppable<FleetEvent, Result>(teller, (emit, signal) => overStacks({ emit, signal }, total, run));
