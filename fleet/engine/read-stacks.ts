import { environment } from "../../environment/index.ts";
import { hasCode } from "../../errors/index.ts";
import { checkpoints, resourcesOf, type StateFile, type StateHead, stateHeads } from "../backend/states/state-files.ts";
import { listStacks, type StackInfo } from "./list-stacks.ts";

/** As the engine writes a state: the time of the last write stands before everything that grows. */
const TIME = /"latest"\s*:\s*\{\s*"manifest"\s*:\s*\{\s*"time"\s*:\s*"([^"]+)"/i;
const RESOURCES = /"resources"\s*:\s*\[\s*([{\]])/;
/** Go's time that was never set. */
const NEVER = "0001-";

/**
 * The project's stacks in the backend, by name. Where its states can be read from here only the beginning of each is, which
 * says when it was written and whether it holds anything; the engine's own list reads all of every state, some 60 MB for 5000
 * sites, and fails as a whole when one of them is damaged. Of stacks with resources `resources` is 1 then, see
 * {@link withCounts}; a damaged one is there, and nothing else is known of it (`inspectStates` says what is wrong).
 *
 * @param known what is remembered of stacks: of a state that still has this version nothing is read. @default nothing
 * @throws SitefleetError `backend.unreachable`, `store.unreachable`
 */
export async function readStacks(
  env: NodeJS.ProcessEnv = environment(),
  known: Promise<ReadonlyMap<string, StackInfo>> = Promise.resolve(new Map()),
): Promise<Map<string, StackInfo>> {
  const same: StackInfo[] = [];
  const unknown = async (files: readonly StateFile[]) => {
    const remembered = await known;
    return files.filter(({ stack, version }) => {
      const info = remembered.get(stack);
      const isSame = info !== undefined && version !== undefined && info.version === version;
      if (isSame) same.push(info);
      return !isSame;
    });
  };
  const [heads] = await Promise.all([stateHeads(env, unknown), known]);
  if (heads === undefined) return listStacks(env);
  const infos = [...same, ...heads.map((head) => infoOf(head) ?? head.stack)];
  const strange = infos.filter((info) => typeof info === "string");
  const states = strange.length === 0 ? undefined : await checkpoints(env);
  const found = infos.map(async (info): Promise<StackInfo> => {
    if (typeof info !== "string") return info;
    // Compressed, or of another form: all of it is read.
    const document = await stateOf(states?.get(info));
    const whole = infoOf({ stack: info, text: JSON.stringify(document ?? {}), whole: true });
    return whole ?? { name: info, lastUpdate: undefined, resources: 0 };
  });
  return new Map((await Promise.all(found)).map((info) => [info.name, info]));
}

/** A state's document; undefined when it is damaged. */
async function stateOf(read: (() => Promise<unknown>) | undefined): Promise<unknown> {
  return read?.().catch((error: unknown) => {
    if (hasCode(error, "state.damaged")) return undefined;
    throw error;
  });
}

/** What the beginning of a state says; undefined when it is not of the form that is known. Pure. */
export function infoOf({ stack, text, whole, version }: StateHead): StackInfo | undefined {
  const time = TIME.exec(text)?.[1];
  const resources = RESOURCES.exec(text);
  const at = new Date(time ?? "");
  if (time === undefined || Number.isNaN(at.getTime()) || (resources === null && !whole)) return undefined;
  // In the engine's own form, which earlier runs have written down.
  const lastUpdate = time.startsWith(NEVER) ? undefined : at.toISOString();
  const told = version === undefined ? {} : { version };
  return { name: stack, lastUpdate, resources: resources?.[1] === "{" ? 1 : 0, ...told };
}

/**
 * The same with the resources of these stacks counted.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function withCounts(
  infos: ReadonlyMap<string, StackInfo>,
  stacks: readonly string[],
  env: NodeJS.ProcessEnv = environment(),
): Promise<Map<string, StackInfo>> {
  const counted = new Map(infos);
  const unknown = stacks.filter((stack) => infos.get(stack)?.resources === 1);
  const states = unknown.length === 0 ? undefined : await checkpoints(env);
  for (const name of unknown) {
    const info = infos.get(name);
    const state = await stateOf(states?.get(name));
    if (info !== undefined && state !== undefined) counted.set(name, { ...info, resources: resourcesOf(state).length });
  }
  return counted;
}
