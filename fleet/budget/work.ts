import { CANARY, type Catalog, stackOfCell } from "../../model/index.ts";
import { desiredState } from "../../stacks/desired.ts";
import { PLESK_STACK, SHARED_STACK, stackKind } from "../../stacks/names.ts";
import type { Expectation } from "./admission.ts";
import { expectedSteps, type KnownStack } from "./expected.ts";
import { callsOfStep, certificateDomains, needOfOpening, needOfSteps, type WorkStep } from "./need.ts";
import type { PlannedStack } from "./plan.ts";
import { addNeeds, BUILDS, type LimitSpec } from "./spec.ts";

/** Engine and program of one stack, seconds; measured (facts: 64 stacks of 23 sites, 3 at a time, 170 s on 2 cores). */
const STACK_SECONDS = 3;
/** Engine's own work for a resource, seconds; same measurement. */
const RESOURCE_SECONDS = 0.07;
/** One call to a vendor over the internet, seconds; an assumption. The engine makes 16 at once. */
const CALL_SECONDS = 0.4;
const CALLS_AT_ONCE = 8;

/** How long a stack's update takes once its budget is there. Its builds run one stack after the other. Pure. */
function stackSeconds(steps: readonly WorkStep[], builds: number, specs: readonly LimitSpec[]): number {
  const queue = specs.find(({ id }) => id === BUILDS);
  const perBuild = queue?.turnoverMs === undefined ? 0 : queue.turnoverMs / 1000 / queue.amount;
  const calls = steps.reduce((sum, step) => sum + callsOfStep(step), 0);
  return STACK_SECONDS + steps.length * RESOURCE_SECONDS + (calls * CALL_SECONDS) / CALLS_AT_ONCE + builds * perBuild;
}

/** Options of {@link plannedWork}. */
export interface WorkOptions {
  readonly catalog: Catalog;
  readonly specs: readonly LimitSpec[];
  /** Names of the stacks that run. */
  readonly stacks: readonly string[];
  /** What is known of each; a stack that is not in it does not exist yet. */
  readonly known: ReadonlyMap<string, KnownStack>;
  /** Stacks that go before all others. @default none */
  readonly urgent?: ReadonlySet<string>;
}

/** What a run is expected to do, by stack, in the order of the input; stacks without changes are left out. Pure. */
export function plannedWork(options: WorkOptions): PlannedStack[] {
  const { catalog, specs, known, urgent } = options;
  const certificateOf = certificateDomains(catalog.zones);
  return options.stacks.flatMap((stack): PlannedStack[] => {
    const kind = stackKind(stack);
    const state = desiredState(catalog, stack);
    if (kind === undefined) return [];
    // A cell that lost its last site has no desired state of its own: what a preview found is all there is.
    const facts = known.get(stack) ?? {};
    const steps = state === undefined ? (facts.steps ?? []) : expectedSteps(state, facts);
    if (steps.length === 0) return [];
    const work = needOfSteps(steps, certificateOf);
    const seconds = stackSeconds(steps, work[BUILDS] ?? 0, specs);
    const need = addNeeds([work, needOfOpening(kind.kind)]);
    return [
      {
        stack,
        need,
        seconds,
        changes: steps.length,
        first: stack === SHARED_STACK || undefined,
        // The first sites of production go before the rest, however small their cell; the host's services take longest.
        urgent: urgent?.has(stack) || stack === stackOfCell(CANARY) || undefined,
        early: stack === PLESK_STACK || undefined,
      },
    ];
  });
}

/** The same as admission takes it. Pure. */
export function expectations(work: readonly PlannedStack[]): Map<string, Expectation> {
  return new Map(
    work.map(({ stack, need, seconds, urgent, early }) => [
      stack,
      { need, seconds, urgent: urgent || undefined, early: early || undefined },
    ]),
  );
}
