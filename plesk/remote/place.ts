import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";
import type { Host } from "../input.ts";

/** Milliseconds between two tries, and as many at random on top. */
const POLL_MS = 60;
/** Seconds after which it is given up: longer than any transaction's own time-outs. */
const WAIT_SECONDS = 4 * 3600;

/**
 * Waits for one of a host's places among all drivers of this machine and user. Pulumi starts one driver a service, more of them
 * at once than an SSH server lets log in (`MaxStartups`).
 *
 * A place is a name in Linux's abstract socket namespace. The name goes with its process, however that ends. On other systems every
 * driver gets a place at once.
 *
 * @returns gives the place back
 * @throws SitefleetError `plesk.interrupted`, `plesk.timeout`
 */
export async function takePlace(
  host: Pick<Host, "address" | "port" | "parallel">,
  signal?: AbortSignal,
): Promise<() => void> {
  if (process.platform !== "linux") return () => {};
  const key = createHash("sha256").update(`${host.address} ${host.port}`).digest("hex").slice(0, 16);
  const giveUp = Date.now() + WAIT_SECONDS * 1000;
  while (Date.now() < giveUp) {
    for (let place = 0; place < host.parallel; place += 1) {
      const taken = await claim(`\0sitefleet-${userInfo().uid}-${key}-${place}`);
      if (taken) return taken;
    }
    await sleep(POLL_MS * (1 + Math.random()), undefined, signal ? { signal } : {}).catch(() => {});
    if (signal?.aborted) {
      throw new SitefleetError({
        code: "plesk.interrupted",
        message: "waiting for a place on the host was interrupted",
        exitCode: EXIT.interrupted,
      });
    }
  }
  throw new SitefleetError({
    code: "plesk.timeout",
    message: `no place on the host became free within ${WAIT_SECONDS} s`,
    exitCode: EXIT.timeout,
  });
}

/** Takes a name; undefined when it is taken. */
function claim(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen(name, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
