import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";

/**
 * Runs `work` while no other process does so for the same directory.
 *
 * The lock is a socket in the kernel's abstract name space: taking it is atomic and the kernel lets go of it when
 * its holder dies, however it dies, so there is no stale lock to recognise.
 *
 * @param dir an existing directory; two spellings of one directory are one lock
 * @param waitMs how long to wait for another holder, in milliseconds
 * @throws SitefleetError `sandbox.busy` when the time is over
 */
export async function withLock<T>(dir: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const name = `\0sitefleet-sandbox-${createHash("sha256").update(realpathSync(dir)).digest("hex").slice(0, 32)}`;
  const deadline = Date.now() + waitMs;
  let server = await tryListen(name);
  while (server === undefined) {
    if (Date.now() >= deadline) {
      throw new SitefleetError({
        code: "sandbox.busy",
        message: `Another process has been starting or stopping the sandbox for ${Math.round(waitMs / 1000)} seconds`,
        subject: dir,
        hint: "Wait until it is done, or use another directory",
      });
    }
    await sleep(50);
    server = await tryListen(name);
  }
  const held = server;
  try {
    return await work();
  } finally {
    await new Promise((done) => held.close(done));
  }
}

function tryListen(name: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    // This socket carries no data. Clients that connect are cut off, so that close() never waits for them.
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") done(undefined);
      else fail(error);
    });
    server.listen({ path: name }, () => done(server));
  });
}
