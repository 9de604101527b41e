import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";

/** Shape of a holder, wherever it is written down. */
export const holderSchema = z.object({
  run: z.string(),
  user: z.string(),
  host: z.string(),
  /** The machine's boot: hosts of one name are told apart by it. Linux only. */
  boot: z.string().optional(),
  pid: z.number(),
  /** Start of the process in clock ticks since boot: a pid alone may be another process's by now. */
  startTicks: z.string(),
  operation: z.string(),
  since: z.string(),
});

/** Who holds a lock. */
export type Holder = z.infer<typeof holderSchema>;

/** This process as a holder. */
export function me(run: string, operation: string): Holder {
  const boot = bootId();
  return {
    run,
    user: userInfo().username,
    host: hostname(),
    boot,
    pid: process.pid,
    startTicks: ticksOf(process.pid) ?? "",
    operation,
    since: new Date().toISOString(),
  };
}

/** Whether a holder is of this machine: another may bear the same name. */
export function isHere({ host, boot }: Holder): boolean {
  return host === hostname() && (boot === undefined || boot === bootId());
}

/** Whether a holder is a process of this machine that has ended. False for other machines' holders. */
export function isDeadHere(holder: Holder): boolean {
  return isHere(holder) && ticksOf(holder.pid) !== holder.startTicks;
}

/** A holder in words. */
export function describeHolder({ user, host, pid, operation, since, run }: Holder): string {
  return `${user}@${host} (process ${pid}, ${operation}, run ${run}) since ${since}`;
}

/** What a run that cannot have a stack is told. */
export function heldBy(stack: string, holder: Holder): SitefleetError {
  return new SitefleetError({
    code: "lock.held",
    message: `another run holds this stack: ${describeHolder(holder)}`,
    subject: stack,
    hint: "wait for it (--lock-timeout SECONDS waits longer), or end it; its locks free themselves when it is gone",
  });
}

/** Start of a process in clock ticks, Linux only; undefined when there is no such process. */
export function ticksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Tells boots of a machine apart, Linux only. */
export function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}
