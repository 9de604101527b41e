import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { isStackUrn } from "../../provider/framework/urn.ts";
import { isStateOf } from "../backend/store/copy-place.ts";
import type { EngineEvent } from "./event-log.ts";
import type { Job } from "./job.ts";
import { digestIn, isBookkeeping, NO_COUNTS, type Outcome } from "./outcome.ts";

/**
 * Collects what a look at what is live has found: whether each resource is there to the letter as the state has it.
 *
 * Where the state is what the last update left, and the same is declared as then, an update would do nothing. So neither the program nor
 * the plugins need be asked what it would do.
 */
export class LiveLook {
  #looked = 0;
  #trouble = false;
  #same = false;
  #desired: string | undefined;

  add(event: EngineEvent): void {
    const { resourcePreEvent, resOpFailedEvent, diagnosticEvent, summaryEvent } = event;
    const type = resourcePreEvent?.metadata.type;
    if (type !== undefined && !isBookkeeping(type)) this.#looked++;
    const { severity, urn } = diagnosticEvent ?? {};
    // What the engine says of its plugins is the stack's own. A resource that is not well is a matter for the whole look.
    if (severity === "error" || (severity === "warning" && urn && !isStackUrn(urn))) this.#trouble = true;
    if (resOpFailedEvent) this.#trouble = true;
    this.#desired = digestIn(event) ?? this.#desired;
    if (summaryEvent) this.#same = Object.keys(summaryEvent.resourceChanges ?? {}).every((op) => op === "same");
  }

  /** What a preview would have come to; undefined where it must say that itself. */
  outcome(): Pick<Outcome, "counts" | "desired"> | undefined {
    if (!this.#same || this.#trouble || this.#desired === undefined) return undefined;
    return { counts: { ...NO_COUNTS, unchanged: this.#looked }, desired: this.#desired };
  }
}

/**
 * Whether a look at what is live alone can answer a preview: the stack is declared as before, its state is what its last update left, and
 * nothing but the answer is asked for.
 *
 * @param states directory with the engine's states
 */
export function canLook(
  { operation, refresh, still, settled, plan, services, sites, stack }: Job,
  states: string,
): boolean {
  const part = plan !== undefined || services !== undefined || sites !== undefined;
  if (operation !== "preview" || !refresh || !still || settled === undefined || part) return false;
  return isStateOf(states, stack, settled);
}

/** Looks; what fails is left to the preview, which says why. */
export async function lookLive(stack: Stack, options: Parameters<Stack["previewRefresh"]>[0]): Promise<void> {
  try {
    await stack.previewRefresh(options);
  } catch (error) {
    if (options?.signal?.aborted) throw error;
  }
}
