import { environment } from "../../../environment/index.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { slice } from "../../../stacks/state.ts";
import { roleOf } from "../../../vendors/index.ts";
import { lossesOf, readState } from "../rollback/index.ts";
import type { WaveLosses } from "./rollout-work.ts";
import type { RolloutRecord, WaveState } from "./types.ts";
import { sharedIn } from "./wave-sites.ts";

/**
 * What a wave's going back would not bring back. Of the shared stack nothing goes back then; of cells all but the sites
 * concerned.
 *
 * @throws SitefleetError `rollback.history`, `store.unreachable`
 */
export async function waveLosses(
  { before, target }: Pick<RolloutRecord, "before" | "target">,
  wave: WaveState,
  env: NodeJS.ProcessEnv = environment(),
): Promise<WaveLosses> {
  if (wave.kind === "shared") {
    const [then, now] = [sharedIn(before), sharedIn(target)];
    if (then === undefined || now === undefined)
      return {
        held: `${SHARED_STACK} is new with this rollout: there is nothing to go back to`,
        left: {},
        reasons: [],
      };
    const lost = lossesOf({ stack: SHARED_STACK, current: now, desired: then });
    const [held] = lost.length === 0 ? [] : [lost.map(({ name, reason }) => `${name}: ${reason}`).join("; ")];
    return { held, left: {}, reasons: [] };
  }
  // Their databases go back by snapshots, and what was written since is kept in one of its own.
  if (wave.kind === "services") return { left: {}, reasons: [] };
  const left: Record<string, string[]> = {};
  const reasons: string[] = [];
  for (const [stack, hosts] of Object.entries(wave.hosts)) {
    const current = slice(target[stack], hosts);
    const desired = slice(before[stack], hosts);
    const lost = lossesOf({ stack, current, desired });
    if (lost.length === 0) continue;
    // An update that failed may not have come to it: what is still there comes back whole.
    const { resources } = await readState(stack, env);
    const there = new Set(resources.flatMap(({ type, urn }) => (roleOf(type) === "project" ? [nameOfUrn(urn)] : [])));
    const gone = lost.filter(({ name }) => !there.has(name));
    if (gone.length > 0) left[stack] = gone.map(({ name }) => name);
    reasons.push(...gone.map(({ name, reason }) => `${name}: ${reason}`));
  }
  return { left, reasons };
}
