import { checkpoints, resourcesOf, type StateHead, stateHeads } from "../repair/index.ts";
import { listStacks, type StackInfo } from "./list-stacks.ts";

/** As the engine writes a state: the time of the last write stands before everything that grows. */
const TIME = /"latest"\s*:\s*\{\s*"manifest"\s*:\s*\{\s*"time"\s*:\s*"([^"]+)"/i;
const RESOURCES = /"resources"\s*:\s*\[\s*([{\]])/;
/** Go's time that was never set. */
const NEVER = "0001-";

/**
 * The project's stacks in the backend, by name. Where its states can be read from here only the beginning of each is, which
 * says when it was written and whether it holds anything; the engine's own list reads all of every state, some 60 MB for 5000
 * sites. Of stacks with resources `resources` is 1 then, see {@link withCounts}.
 *
 * @throws SitefleetError `backend.unreachable`, `store.unreachable`
 */
export async function readStacks(env: NodeJS.ProcessEnv = process.env): Promise<Map<string, StackInfo>> {
  const heads = await stateHeads(env);
  const infos = heads?.map(infoOf);
  // One that is not as we know it: the engine says what it thinks of it.
  if (infos === undefined || infos.includes(undefined)) return listStacks(env);
  return new Map(infos.flatMap((info) => (info === undefined ? [] : [[info.name, info]])));
}

/** What the beginning of a state says; undefined when it is not of the form that is known. Pure. */
export function infoOf({ stack, text, whole }: StateHead): StackInfo | undefined {
  const time = TIME.exec(text)?.[1];
  const resources = RESOURCES.exec(text);
  const at = new Date(time ?? "");
  if (time === undefined || Number.isNaN(at.getTime()) || (resources === null && !whole)) return undefined;
  // In the engine's own form, which earlier runs have written down.
  const lastUpdate = time.startsWith(NEVER) ? undefined : at.toISOString();
  return { name: stack, lastUpdate, resources: resources?.[1] === "{" ? 1 : 0 };
}

/**
 * The same with the resources of these stacks counted.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function withCounts(
  infos: ReadonlyMap<string, StackInfo>,
  stacks: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Map<string, StackInfo>> {
  const counted = new Map(infos);
  const unknown = stacks.filter((stack) => infos.get(stack)?.resources === 1);
  const states = unknown.length === 0 ? undefined : await checkpoints(env);
  for (const name of unknown) {
    const [info, read] = [infos.get(name), states?.get(name)];
    if (info !== undefined && read !== undefined)
      counted.set(name, { ...info, resources: resourcesOf(await read()).length });
  }
  return counted;
}
