import type { RunEvent } from "../../fleet/events/types.ts";
import { roleOf } from "../../vendors/index.ts";
import type { FleetEvent } from "./events.ts";

/** Names of a stack that are kept; the counts are of all. */
const NAMED = 20;

/** What a stack's steps came to. */
export type Changed = Required<Pick<Extract<RunEvent, { event: "stack-ended" }>, "roles" | "names">>;

type Step = Extract<FleetEvent, { event: "step" }>["step"];

/** Collects what is changed while a run goes on, by stack. A step that is tried again counts once. */
export class Changes {
  readonly #steps = new Map<string, Map<string, Step>>();
  readonly #ended = new Set<string>();

  /** Takes what an operation tells; all but steps is passed over. */
  take(event: FleetEvent): void {
    if (event.event === "step-ended") this.#ended.add(event.urn);
    if (event.event !== "step" || event.step.component) return;
    const { urn } = event.step;
    this.#ended.delete(urn);
    const steps = this.#steps.get(event.stack) ?? new Map<string, Step>();
    this.#steps.set(event.stack, steps.set(urn, event.step));
  }

  /** What a stack that has ended came to; it begins anew then. Undefined when nothing was changed. */
  of({ stack, errors }: Extract<FleetEvent, { event: "stack-ended" }>): Changed | undefined {
    const steps = [...(this.#steps.get(stack)?.values() ?? [])];
    this.#steps.delete(stack);
    if (steps.length === 0) return undefined;
    const roles: Changed["roles"] = {};
    for (const { type, name, urn } of steps) {
      const role = roleOf(type);
      if (role === undefined) continue;
      // The engine's messages begin with the name of what they are about.
      const ok = this.#ended.has(urn) && !errors.some((text) => text.startsWith(`${name}: `));
      const { done, failed } = roles[role] ?? { done: 0, failed: 0 };
      roles[role] = ok ? { done: done + 1, failed } : { done, failed: failed + 1 };
    }
    const names = new Set(steps.map(({ op, parent, name }) => `${op} ${parent ?? name}`));
    return { roles, names: [...names].slice(0, NAMED) };
  }
}
