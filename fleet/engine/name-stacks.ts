import { SHARED_STACK } from "../../stacks/names.ts";
import { checkpoints } from "../repair/index.ts";
import type { StackInfo } from "./list-stacks.ts";

/**
 * The project's stacks in the backend, read off the names of its files; undefined for backends that keep none. Resources
 * are counted of the shared stack alone, which the others need; of the rest it is only said that they are there (1).
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function nameStacks(env: NodeJS.ProcessEnv = process.env): Promise<Map<string, StackInfo> | undefined> {
  const states = await checkpoints(env);
  if (states === undefined) return undefined;
  const infos = [...states].map(async ([name, read]): Promise<[string, StackInfo]> => {
    const resources = name === SHARED_STACK ? countOf(await read()) : 1;
    return [name, { name, lastUpdate: undefined, resources }];
  });
  return new Map(await Promise.all(infos));
}

function countOf(state: unknown): number {
  const { checkpoint } = state as { checkpoint?: { latest?: { resources?: readonly unknown[] } } };
  return checkpoint?.latest?.resources?.length ?? 0;
}
