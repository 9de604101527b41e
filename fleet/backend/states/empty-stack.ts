import { placesOf } from "../store/project.ts";
import { engineStore } from "../store/state-store.ts";

/**
 * The state of a stack as the engine wrote it, when nothing was ever in it; undefined when it holds anything, is compressed
 * or cannot be read from here.
 */
export async function emptyStack(stack: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const text = (await (await engineStore(env))?.get(placesOf(stack).state))?.text;
  return text !== undefined && isEmpty(JSON.parse(text)) ? text : undefined;
}

/**
 * Puts a state where the backend has none of this stack; one that is there already stays. False where that cannot be done
 * from here.
 */
export async function putStack(stack: string, text: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const store = await engineStore(env);
  await store?.put(placesOf(stack).state, text, { absent: true });
  return store !== undefined;
}

/** Version 3 with nothing but who wrote it and how secrets are encrypted. Pure. */
export function isEmpty(state: unknown): boolean {
  const { version, checkpoint } = (state ?? {}) as { version?: unknown; checkpoint?: Record<string, unknown> };
  if (version !== 3 || checkpoint === undefined) return false;
  const names = Object.keys(checkpoint).map((name) => name.toLowerCase());
  if (names.some((name) => name !== "stack" && name !== "latest")) return false;
  const latest = checkpoint.Latest ?? checkpoint.latest;
  if (typeof latest !== "object" || latest === null) return false;
  return Object.entries(latest).every(
    ([name, value]) =>
      name === "manifest" || name === "secrets_providers" || (name === "metadata" && Object.keys(value).length === 0),
  );
}
