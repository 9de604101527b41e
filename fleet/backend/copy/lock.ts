import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { SitefleetError } from "../../../errors/index.ts";
import { engineHolder } from "../locks/engine-locks.ts";
import { bootId, ticksOf } from "../locks/holder.ts";
import { placesOf } from "../store/project.ts";
import type { Store } from "../store/store.ts";

/**
 * Takes the engine's lock on a stack where the stack lies, in the engine's form (pkg/v3/backend/diy/lock.go, 3.276): plain `pulumi` is
 * kept out anywhere, and so are we where it works. As the engine does, it looks for others once it has written its own: of two that ask at
 * once none has it, or one.
 *
 * @returns its key
 * @throws SitefleetError `stack.locked`, `store.unreachable`
 */
export async function takeLock(store: Store, stack: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { locks } = placesOf(stack);
  const key = `${locks}/${randomUUID()}.json`;
  const mine = { boot: bootId() ?? "", ticks: ticksOf(process.pid) ?? "" };
  const holder = { pid: process.pid, username: userInfo().username, hostname: hostname() };
  await store.put(key, JSON.stringify({ ...holder, timestamp: new Date().toISOString(), sitefleet: mine }));
  const others = (await store.list(`${locks}/`)).some((other) => other.key.endsWith(".json") && other.key !== key);
  if (!others) return key;
  await store.remove(key);
  throw await held(stack, env);
}

async function held(stack: string, env: NodeJS.ProcessEnv): Promise<SitefleetError | Error> {
  return (await engineHolder(stack, env)) ?? new Error("the stack is currently locked; another process works on it");
}
