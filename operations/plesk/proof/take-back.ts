import type { Catalog } from "../../../model/index.ts";
import { type Outcome, type RollbackResult, rollback, type Target } from "../../../plesk/index.ts";
import { failureOf } from "../../kit/failure.ts";
import type { ProofEvent } from "../../kit/proof-events.ts";
import { type Failing, type Smoke, smokeSentence, smokeTest } from "./smoke.ts";

/** What taking services back came to. */
export interface TakenBack {
  readonly ok: boolean;
  readonly services: readonly string[];
  readonly outcomes: readonly Outcome<RollbackResult>[];
  readonly smoke: Smoke;
  readonly what: string;
}

/** Why, and how much of it. */
export interface TakeBack {
  readonly catalog: Catalog;
  readonly targets: readonly Target[];
  /** Why, in a sentence. */
  readonly reason: string;
  /** Snapshots from before this stay untouched, ms since 1970. @default the newest counts */
  readonly since?: number | undefined;
  /** Are databases restored, where the deployment has taken a snapshot? */
  readonly database: boolean;
  emit(event: Extract<ProofEvent, { event: "smoke-tested" | "taken-back" }>): void;
}

/**
 * Gives services their earlier release again, with their databases, and asks them all. Not to be stopped half way: a signal that
 * stopped the run does not reach it.
 */
export async function takeBack({ targets, since, database, ...about }: TakeBack): Promise<TakenBack> {
  return afterwards({ ...about, outcomes: await rollback(targets, { database: database ? "if-kept" : false, since }) });
}

/** Asks services that went back, all of them, and tells what came of it. */
export async function afterwards({
  catalog,
  outcomes,
  reason,
  emit,
}: Pick<TakeBack, "catalog" | "reason" | "emit"> & Pick<TakenBack, "outcomes">): Promise<TakenBack> {
  const services = outcomes.map(({ service }) => service);
  const smoke = await smokeTest(catalog, services, new AbortController().signal);
  emit({ event: "smoke-tested", asked: smoke.asked, failing: [...smoke.failing] });
  const left = outcomes.flatMap((outcome): Failing[] =>
    outcome.ok ? [] : [{ service: outcome.service, reason: failureOf(outcome.error).message }],
  );
  const restored = outcomes.filter((outcome) => outcome.ok && outcome.value.restored !== null).length;
  const back = outcomes.length - left.length;
  const what = [
    `${back} of ${outcomes.length} ${outcomes.length === 1 ? "service has its" : "services have their"} earlier release again`,
    `${restored} ${restored === 1 ? "database" : "databases"} restored`,
    smokeSentence(smoke),
    ...left.map(({ service, reason: why }) => `${service} stays: ${why}`),
    reason,
  ].join("; ");
  const ok = left.length === 0 && smoke.failing.length === 0;
  const went = outcomes.flatMap(({ ok: did, service }) => (did ? [service] : []));
  emit({ event: "taken-back", ok, what, services: went });
  return { ok, services, outcomes, smoke, what };
}
