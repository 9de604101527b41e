import { hasCode } from "../../../errors/index.ts";
import type { StateResource } from "../../backend/states/checkpoint.ts";
import { readState } from "../../backend/states/versions.ts";

/**
 * What a stack's state holds. A state that cannot be read is the engine's to refuse: it takes nothing away from it.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function resourcesOf(stack: string): Promise<readonly StateResource[]> {
  try {
    return (await readState(stack)).resources;
  } catch (error) {
    if (hasCode(error, "rollback.history") || hasCode(error, "state.damaged")) return [];
    throw error;
  }
}
