import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { describeHolder, type Holder, holderSchema, isDeadHere, me } from "../backend/locks/holder.ts";
import { changeObject, type Store } from "../backend/store/store.ts";

const KEY = "reports/published.json";
/** Runs that are remembered: what is older is found at the vendor. */
const KEEP = 400;
/** A publication takes at most a few calls of {@link StatusBoard}; after so long, ms, its process is taken for gone. */
const CLAIM_MS = 300_000;

const publishedSchema = z.object({
  run: z.string(),
  /** By what is shown: `deployment <commit>`, `issue`, `incident`. */
  handles: z.record(z.string(), z.string()).default({}),
  claim: z.object({ by: holderSchema, until: z.number() }).optional(),
});
type Published = z.infer<typeof publishedSchema>;

/** What is kept; of a damaged object nothing: it is found at the vendor. Pure. */
function parse(text: string | undefined): Published[] {
  try {
    return z.array(publishedSchema).parse(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}

const change = <Result>(store: Store, run: string, next: (now: Published) => { now: Published; result: Result }) =>
  changeObject(store, KEY, (text) => {
    const all = parse(text);
    const { now, result } = next(all.find((one) => one.run === run) ?? { run, handles: {} });
    const kept = [...all.filter((one) => one.run !== run), now].slice(-KEEP);
    return { text: `${JSON.stringify(kept)}\n`, result };
  });

/**
 * Lets one process at a time publish a run, and remembers what it has made.
 *
 * @param work with the handles of what was made before; returns those of now, also when it fails in part
 * @throws SitefleetError `report.busy`, `store.unreachable`, and what `work` throws
 */
export async function publishing<Result>(
  store: Store,
  run: string,
  work: (handles: Readonly<Record<string, string>>) => Promise<{ handles: Record<string, string>; result: Result }>,
  now: () => number = Date.now,
): Promise<Result> {
  const by = me(run, "report");
  const before = await change<{ holder?: Holder; made?: Record<string, string> }>(store, run, (found) => {
    const { claim } = found;
    const held = claim !== undefined && claim.until > now() && !isDeadHere(claim.by);
    return held
      ? { now: found, result: { holder: claim.by } }
      : { now: { ...found, claim: { by, until: now() + CLAIM_MS } }, result: { made: found.handles } };
  });
  if (before.holder !== undefined)
    throw new SitefleetError({
      code: "report.busy",
      message: `${describeHolder(before.holder)} publishes it`,
      subject: run,
      hint: "run it again in a minute",
    });
  const free = (handles: Record<string, string> = {}) =>
    change(store, run, (found) => ({
      now: { run, handles: { ...found.handles, ...handles } },
      result: undefined,
    }));
  try {
    const { handles, result } = await work(before.made ?? {});
    await free(handles);
    return result;
  } catch (error) {
    await free().catch(() => {});
    throw error;
  }
}
