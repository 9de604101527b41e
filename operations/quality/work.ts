import { z } from "zod";
import { changeObject, type Store } from "../../fleet/backend/store/store.ts";
import { newestOf, readResults, unmeasuredLongest } from "../../fleet/quality/index.ts";
import { type QualityResult, saidOf } from "../../quality/index.ts";
import type { Tools } from "../kit/operation.ts";
import type { DeclaredQuality, Task } from "./choose.ts";
import type { QualityEvent } from "./events.ts";
import { performTasks } from "./perform.ts";
import { plannedMeasuring } from "./planned.ts";

const KEY = "quality/run.json";
const runSchema = z.object({ startedAt: z.string(), sites: z.array(z.string()), done: z.boolean() });
type Run = z.infer<typeof runSchema>;

function parse(text: string | undefined): Run | undefined {
  try {
    return runSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

/** The run that was cut off, if the last one was. @throws SitefleetError `store.unreachable` */
export async function cutOff(store: Store): Promise<Run | undefined> {
  const last = parse((await store.get(KEY))?.text);
  return last?.done === false ? last : undefined;
}

const note = (store: Store, run: Run): Promise<void> =>
  changeObject(store, KEY, () => ({ text: JSON.stringify(run), result: undefined }));

/** What is carried out. */
export interface Work {
  readonly declared: DeclaredQuality;
  readonly tasks: readonly Task[];
  /** Sites beside those tasks: those that were measured longest ago. */
  readonly sample: number;
  /** The run that this one goes on with. */
  readonly resumed?: Run | undefined;
}

/** Carries checks out, one after the other but for measurements, and keeps each result as soon as it is there. */
export async function carryOut(
  store: Store,
  { declared, tasks, sample, resumed }: Work,
  { estate, signal, emit }: Tools<QualityEvent>,
): Promise<QualityResult[]> {
  const { catalog } = declared;
  const hosts = catalog.sites.map(({ host }) => host);
  const sites = resumed?.sites ?? (sample > 0 ? await unmeasuredLongest(store, hosts, sample) : []);
  const run: Run = { startedAt: resumed?.startedAt ?? new Date().toISOString(), sites, done: false };
  const ofSites = sites
    .filter((host) => hosts.includes(host))
    .map((key): Task => ({ subject: { kind: "site", key }, check: "lighthouse", services: [] }));
  const all = [...tasks, ...ofSites];
  await note(store, run);
  const before =
    resumed === undefined ? [] : await Promise.all(all.map((task) => doneSince(store, task, run.startedAt)));
  const left = all.filter((_, index) => before[index] === undefined);
  const measured = left.filter(({ check }) => check === "lighthouse");
  const plan = await plannedMeasuring(store, measured);
  emit({ event: "planned", checks: all.length, left: left.length, ...plan });
  emit({ event: "begun", total: left.length });
  try {
    const results = await performTasks(store, declared, left, {
      estate,
      signal,
      browsers: plan.browsers,
      onStart: ({ subject, check }) => emit({ event: "check-started", subject, check }),
      onEnd: (result) => {
        const { subject, check, state, seconds } = result;
        emit({ event: "check-ended", subject, check, state, said: saidOf(result), seconds });
      },
    });
    if (!signal.aborted) await note(store, { ...run, done: true });
    return [...before.flatMap((one) => one ?? []), ...results];
  } finally {
    emit({ event: "done" });
  }
}

async function doneSince(
  store: Store,
  { subject, check }: Task,
  startedAt: string,
): Promise<QualityResult | undefined> {
  const result = newestOf(await readResults(store, subject), check);
  return result !== undefined && result.at >= startedAt && result.state !== "not-run" ? result : undefined;
}
