import { SitefleetError } from "../../../errors/index.ts";
import { currentWave, isUnfinished, nextAction } from "./machine.ts";
import type { Request, RolloutEvent, RolloutRecord } from "./types.ts";

/** Whether doing what was asked brings more of the catalog: pausing and going back need nothing of it. Pure. */
export function bringsMore(record: RolloutRecord, { want }: Pick<Request, "want">): boolean {
  if (want === "promote") return true;
  return want === "resume" && nextAction({ ...record, status: "running" }, Date.now()).do !== "roll-back";
}

/**
 * What a person's request comes to; undefined when there is nothing to write down.
 *
 * @throws SitefleetError `rollout.over`, `rollout.step`
 */
export function eventOf(record: RolloutRecord, { want, by, keep }: Request): RolloutEvent | undefined {
  const wave = currentWave(record);
  // What a wave that failed has left of the earlier ones can still be taken back.
  if (!isUnfinished(record) && !(want === "abort" && record.status === "stopped")) {
    throw new SitefleetError({
      code: "rollout.over",
      message: `the rollout is over (${record.status})`,
      subject: record.id,
      hint: "sitefleet rollout begins a new one",
    });
  }
  if (record.status === "aborting") return undefined;
  switch (want) {
    case "abort":
      return { event: "aborting", by, keep };
    case "pause":
      return record.status === "paused" ? undefined : { event: "paused", reason: "by hand", by };
    case "resume":
      return record.status === "paused" ? { event: "resumed", by } : undefined;
    case "promote":
      if (wave?.step === "doubtful" || wave?.step === "failed") return { event: "wave-accepted", wave: wave.name, by };
      if (wave?.step === "soaking" || (wave?.step === "waiting" && wave.notBefore !== undefined))
        return { event: "soak-skipped", wave: wave.name, by };
      throw new SitefleetError({
        code: "rollout.step",
        message: `there is nothing to promote: wave ${wave?.name ?? ""} is ${wave?.step ?? "over"}`,
        subject: record.id,
        hint: "promote ends a pause or a soak time, or accepts a wave that is in doubt; sitefleet rollout status shows where it is",
      });
  }
}
