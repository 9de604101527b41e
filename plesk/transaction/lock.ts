import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, SitefleetError } from "../../errors/index.ts";
import { lockScript, renewScript, unlockScript } from "../commands/lock.ts";
import { SAY } from "../commands/script.ts";
import { EXIT } from "../exit-codes.ts";
import type { Said, Session } from "../remote/session.ts";
import type { Run } from "./context.ts";
import { wantedOf } from "./service-steps.ts";

/** Milliseconds between two tries for a lock that another run holds. */
const POLL_MS = 500;
/** Seconds that two machines' clocks may differ: a lock counts as expired only after that. */
const CLOCK_SKEW = 2;

/** A lock that was taken, renewed in the background until it is stopped. */
export interface HeldLock {
  /** What the host reported in the same round trip; input of `parseInspection`. */
  readonly said: Said;
  /** Holder of an expired lock that was taken over. */
  readonly tookOver: string | undefined;
  /** Throws when the lock was lost meanwhile. */
  check(): void;
  /** Stops renewing and waits for a renewal under way; does not unlock. */
  stop(): Promise<void>;
}

const factOf = (said: Said, word: string): string | undefined =>
  said
    .find((line) => line.startsWith(`${SAY}${word}`))
    ?.slice(SAY.length + word.length)
    .trim();

/**
 * Takes the service's lock, waiting for another holder up to `lock.waitSeconds`.
 *
 * @throws SitefleetError `plesk.locked` with the holder when the wait was in vain.
 */
async function takeLock(run: Run, session: Session, id: string | undefined): Promise<HeldLock> {
  const { leaseSeconds, waitSeconds } = run.document.lock;
  const giveUp = Date.now() + waitSeconds * 1000;
  let unsignedSince: number | undefined;
  for (;;) {
    const now = run.now();
    // An unsigned lock has no expiry: it must be seen unsigned for a whole lease.
    const takeUnsigned = unsignedSince !== undefined && now - unsignedSince > leaseSeconds;
    const request = {
      token: run.token,
      now: now - CLOCK_SKEW,
      expires: now + leaseSeconds,
      holder: run.holder,
      takeUnsigned,
    };
    const said = await session.run("taking the lock", lockScript(run.layout, request, wantedOf(run, id)), {
      maxStdout: 64 * 1024 * 1024,
    });
    const got = factOf(said, "got ");
    if (got !== undefined && got !== "no") {
      return keep(run, session, said, got.startsWith("expired ") ? got.slice(8) : undefined);
    }
    unsignedSince = said.includes(`${SAY}unsigned`) ? (unsignedSince ?? now) : undefined;
    if (Date.now() >= giveUp) {
      const [expires, ...holder] = (factOf(said, "held ") ?? "").split(" ");
      throw new SitefleetError({
        code: "plesk.locked",
        subject: run.document.service.key,
        message: `another run holds the lock: ${holder.join(" ") || "unknown"}${Number(expires) ? `, until ${new Date(Number(expires) * 1000).toISOString()}` : ""}`,
        hint: "wait for it to end; a lock that is no longer renewed is taken over after its expiry",
        exitCode: EXIT.locked,
      });
    }
    await sleep(POLL_MS, undefined, run.signal ? { signal: run.signal } : {});
  }
}

function keep(run: Run, session: Session, said: Said, tookOver: string | undefined): HeldLock {
  const { leaseSeconds } = run.document.lock;
  let lost: SitefleetError | undefined;
  let renewing: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    const script = renewScript(run.layout, run.token, run.now() + leaseSeconds);
    try {
      await session.run("renewing the lock", script, { timeoutMs: (leaseSeconds * 1000) / 2 });
    } catch (error) {
      // Only a lock that another run has taken is lost. A broken connection shows in the step that runs, and every script checks anyway.
      if (hasCode(error, "plesk.remote.lock-lost")) lost = error;
    } finally {
      renewing = undefined;
    }
  };
  const timer = setInterval(
    () => {
      if (lost === undefined) renewing ??= renew();
    },
    (leaseSeconds * 1000) / 3,
  );
  timer.unref();
  return {
    said,
    tookOver,
    check: () => {
      if (lost) throw lost;
    },
    stop: async () => {
      clearInterval(timer);
      await renewing;
    },
  };
}

/** Takes the lock; when that fails in a way that leaves it unclear whether it was taken, gives it back. */
export async function lockOrLeave(run: Run, session: Session, wantedId?: string): Promise<HeldLock> {
  try {
    return await run.steps.step("lock", () => takeLock(run, session, wantedId));
  } catch (error) {
    if (!hasCode(error, "plesk.locked")) {
      await session
        .withoutSignal()
        .run("unlocking", unlockScript(run.layout, run.token))
        .catch(() => {});
    }
    throw error;
  }
}
