import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { environment } from "../../environment/index.ts";
import type { Found, Setup } from "../../vendors/live.ts";
import type { Facts } from "./decide.ts";
import { holderKey, otherHolders } from "./holders.ts";
import { kindOf } from "./kind.ts";
import type { Exported, PendingOperation } from "./state.ts";

/** Longest wait for answers that keep changing, ms. */
const LONGEST_WAIT_MS = 120_000;
/** Looks at once. */
const LOOKS_AT_ONCE = 8;

/** What the vendors answered. */
export interface Looked {
  readonly found: ReadonlyMap<PendingOperation, readonly Found[] | undefined>;
  readonly exists: ReadonlyMap<PendingOperation, boolean>;
}

/** How often and how long the vendors are asked. */
export interface Patience {
  /** Whether answers must be waited for until they stay the same. */
  readonly quiet: boolean;
  /** For how long they must, ms. @default 5000 */
  readonly quietMs?: number;
  /** Pause between two looks, ms. @default 1000 */
  readonly pollMs?: number;
  /** How long a build is waited for, ms. @default 900000 */
  readonly buildMs?: number;
}

/** Asks the vendors about every operation until their answers are final. @throws SitefleetError `repair.vendor` */
export async function lookUntilQuiet(
  operations: readonly PendingOperation[],
  setup: Setup,
  patience: Patience,
): Promise<Looked> {
  const { quietMs = 5_000, pollMs = 1_000, buildMs = 15 * 60_000 } = patience;
  const began = Date.now();
  let since = began;
  let before = "";
  for (;;) {
    const looked = await lookOnce(operations, setup);
    // In the operations' order: answers come in another one each time.
    const said = JSON.stringify(
      operations.map((one) => [looked.found.get(one) ?? null, looked.exists.get(one) ?? null]),
    );
    const now = Date.now();
    if (said !== before) since = now;
    before = said;
    const building = [...looked.found.values()].some((found) => found?.some(({ state }) => state === "building"));
    const quiet = !patience.quiet || now - since >= quietMs || now - began >= LONGEST_WAIT_MS;
    const built = !building || now - began >= buildMs;
    if (looked.found.size + looked.exists.size === 0 || (quiet && built)) return looked;
    await sleep(pollMs);
  }
}

async function lookOnce(operations: readonly PendingOperation[], setup: Setup): Promise<Looked> {
  const limit = pLimit(LOOKS_AT_ONCE);
  const found = new Map<PendingOperation, readonly Found[] | undefined>();
  const exists = new Map<PendingOperation, boolean>();
  await Promise.all(
    operations.map((operation) =>
      limit(async () => {
        const { live } = kindOf(operation.resource);
        if (operation.type === "creating" && live.find)
          found.set(operation, await live.find(operation.resource, setup));
        if (operation.type === "deleting" && live.exists) {
          exists.set(operation, await live.exists(operation.resource, setup));
        }
      }),
    ),
  );
  return { found, exists };
}

/** Who else holds what was found; other stacks are asked only when there is something to take. */
export async function holdersOf(
  stack: string,
  { configFile, env = environment() }: { readonly configFile: string; readonly env?: NodeJS.ProcessEnv },
  state: Exported,
  found: readonly (Found | undefined)[],
): Promise<ReadonlyMap<string, string>> {
  const holders = new Map<string, string>();
  if (!found.some((item) => item?.ours)) return holders;
  for (const [key, holder] of await otherHolders(stack, configFile, env)) {
    holders.set(key, holder);
  }
  for (const { type, id, urn, custom } of state.deployment.resources ?? []) {
    if (custom && id !== undefined) holders.set(holderKey(type, id), urn);
  }
  return holders;
}

/** All that the decision about one operation rests on. Pure. */
export function factsOf(
  operation: PendingOperation,
  state: Exported,
  found: readonly Found[] | undefined,
  exists: boolean | undefined,
  holders: ReadonlyMap<string, string>,
): Facts {
  const { resource, type } = operation;
  const { urn } = resource;
  const resources = state.deployment.resources ?? [];
  const own = resources.find((item) => item.urn === urn && item.delete !== true && item.pendingReplacement !== true);
  const held = (found ?? []).flatMap(({ id }): [string, string][] => {
    const holder = holders.get(holderKey(resource.type, id));
    // Its own old entry, deleted for a replacement, may bear the same id: a domain's id is its name.
    const replaced = resources.some((item) => item.urn === urn && item.pendingReplacement === true && item.id === id);
    return holder === undefined || replaced ? [] : [[id, holder]];
  });
  const needed = resources.some(
    (item) => item.urn !== urn && (item.parent === urn || item.dependencies?.includes(urn) === true),
  );
  return {
    operation: type,
    policy: kindOf(resource).policy,
    compare: kindOf(resource).live.compare === true,
    stateId: own?.id,
    found,
    holders: new Map(held),
    needed,
    exists,
  };
}
