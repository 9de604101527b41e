import { SitefleetError } from "../../../errors/index.ts";
import type { ManyOptions, Outcome } from "../../../plesk/index.ts";
import { failureOf } from "../../kit/failure.ts";
import type { Tools } from "../../kit/operation.ts";
import type { ServiceEvent } from "./events.ts";
import type { Opened } from "./targets.ts";

/** What became of services. */
export interface OfServices<Value> {
  /** One a service, in the order of the catalog. */
  readonly outcomes: readonly Outcome<Value>[];
  /** Services that cannot be read, where all were asked for. */
  readonly leftOut: readonly string[];
  /** How long the work on the hosts took. */
  readonly seconds: number;
}

/** How {@link overServices} watches and stops the driver. */
export type Watch = ManyOptions & { readonly signal: AbortSignal };

/** Tells how work on services goes on. A stop interrupts it, and each service puts back what it has changed. */
export async function overServices<One, Value>(
  { emit, signal }: Pick<Tools<ServiceEvent>, "emit" | "signal">,
  { targets, leftOut }: Opened<One>,
  work: (targets: One[], watch: Watch) => Promise<Outcome<Value>[]>,
): Promise<OfServices<Value>> {
  const started = Date.now();
  emit({ event: "begun", total: targets.length });
  try {
    const outcomes = await work(targets, {
      signal,
      onStart: (service) => emit({ event: "service-started", service }),
      onEnd: (service, error) =>
        emit({
          event: "service-ended",
          service,
          ok: error === undefined,
          error: error === undefined ? undefined : failureOf(error),
        }),
    });
    return { outcomes, leftOut, seconds: (Date.now() - started) / 1000 };
  } finally {
    emit({ event: "done" });
  }
}

/** That of the driver when one service failed, 1 when several did or when some were left out. Pure. */
export function exitOfServices<Value>({ outcomes, leftOut }: OfServices<Value>): number {
  if (leftOut.length > 0) return 1;
  const failed = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome]));
  if (failed.length === 0) return 0;
  const [{ error }] = failed as [(typeof failed)[0]];
  return failed.length === 1 && error instanceof SitefleetError ? error.exitCode : 1;
}
