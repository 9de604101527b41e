import pLimit from "p-limit";
import { checkpoints, resourcesOf } from "../backend/states/state-files.ts";
import { listStacks } from "../engine/list-stacks.ts";
import { StackCli } from "./cli.ts";
import type { Resource } from "./state.ts";

/** Exports at once where the backend cannot be read directly. */
const EXPORTS_AT_ONCE = 4;
/** Files or objects read at once. */
const READS_AT_ONCE = 8;

/** What says which object a resource is: types keep their own ids. */
export const holderKey = (type: string, id: string): string => `${type} ${id}`;

/**
 * Which objects the other stacks hold: {@link holderKey} → stack. Asked only when something is to be adopted.
 *
 * @throws SitefleetError `backend.unreachable`, `repair.engine`, `store.unreachable`
 */
export async function otherHolders(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, string>> {
  const read = await checkpoints(env);
  const states = read === undefined ? await exported(stack, configFile, env) : await asWritten(read, stack);
  const holders = new Map<string, string>();
  for (const [name, resources] of states) {
    for (const { type, id, custom, external } of resources) {
      if (custom && !external && id !== undefined) holders.set(holderKey(type, id), `stack ${name}`);
    }
  }
  return holders;
}

async function asWritten(
  read: ReadonlyMap<string, () => Promise<unknown>>,
  stack: string,
): Promise<[string, readonly Resource[]][]> {
  const limit = pLimit(READS_AT_ONCE);
  const others = [...read].filter(([name]) => name !== stack);
  return Promise.all(
    others.map(([name, state]) =>
      limit(async (): Promise<[string, readonly Resource[]]> => [name, resourcesOf(await state())]),
    ),
  );
}

async function exported(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv,
): Promise<[string, readonly Resource[]][]> {
  const limit = pLimit(EXPORTS_AT_ONCE);
  const others = [...(await listStacks(env)).values()].filter(({ name, resources }) => name !== stack && resources > 0);
  return Promise.all(
    others.map(({ name }) =>
      limit(async (): Promise<[string, readonly Resource[]]> => {
        const { deployment } = await new StackCli(name, configFile, env).export();
        return [name, deployment.resources ?? []];
      }),
    ),
  );
}
