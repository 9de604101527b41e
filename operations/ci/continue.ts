import { z } from "zod";
import { listRuns } from "../../fleet/backend/journal/journal.ts";
import { livingRuns } from "../../fleet/backend/locks/locks.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import { openRequests } from "../../fleet/gates/index.ts";
import { rolloutFiles, rolloutLockHolder } from "../../fleet/releases/rollout/index.ts";
import { openSession, type Session } from "../../fleet/run/session.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { noEvents } from "../kit/events.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { leftRuns, rolloutLeft } from "./left.ts";
import { atOnce } from "./way.ts";

const leftRun = z.object({ run: z.string(), left: z.array(z.string()), reason: z.string() });

const output = z.object({
  runs: z.array(leftRun).describe("updates that can be gone on with; left: their stacks"),
  first: z.string().optional().describe("the run among them that is about the shared stack: it goes first"),
  jobs: z.int().min(0).describe("of the matrix"),
  maxParallel: z.int().min(1).describe("jobs at once"),
  matrix: z.object({ include: z.array(z.object({ run: z.string() })) }).describe("the other runs, a job each"),
  rollout: z.object({ id: z.string(), reason: z.string() }).optional().describe("that can be gone on with"),
  approvals: z
    .array(
      z.object({ id: z.string(), operation: z.string(), digest: z.string(), does: z.string(), expires: z.string() }),
    )
    .describe("requests that are not answered"),
});

/** See {@link ciContinue}. */
export type CiContinue = z.infer<typeof output>;

/** What was begun, is not at its end, and can be gone on with. */
export const ciContinue = defineOperation({
  name: "ci continue",
  summary: "say which runs wait for a budget or an approval, or have lost their process. Changes nothing.",
  changes: false,
  input: z.object({
    stopped: flag(z.boolean().optional(), "--stopped", "also what a person, or the end of a job, has stopped"),
  }),
  events: noEvents,
  output,
  async run({ stopped = false }, { estate: { catalogDir, configFile }, signal }): Promise<CiContinue> {
    // Before the journals are read: one that ends meanwhile is told as ended.
    const living = await livingRuns({ dir: stateDir(), store: await stateStore(), signal });
    const session = await openSession({ catalogDir, configFile, survey: false, inspect: false });
    const { folders, store } = session;
    const runs = leftRuns(listRuns(folders.runs), { living, stopped, now: Date.now() });
    const first = runs.find(({ left }) => left.includes(SHARED_STACK))?.run;
    const others = runs.filter(({ run }) => run !== first).map(({ run }) => ({ run }));
    const requests = await openRequests(ownStore(folders.state, store), new Date());
    return {
      runs: runs.map(({ run, left, reason }) => ({ run, left: [...left], reason })),
      first,
      jobs: others.length,
      maxParallel: atOnce(others, store !== undefined),
      matrix: { include: others },
      rollout: await leftRollout(session, living, stopped),
      approvals: requests.map(({ id, operation, digest, does, expires }) => ({ id, operation, digest, does, expires })),
    };
  },
  document: (found) => found,
});

/** The newest rollout, where no person is waited for. */
async function leftRollout(
  { folders, store }: Session,
  living: ReadonlySet<string>,
  stopped: boolean,
): Promise<CiContinue["rollout"]> {
  const files = rolloutFiles(folders.state, store);
  const [id] = await files.list();
  const record = id === undefined ? undefined : await files.read(id);
  if (record === undefined) return undefined;
  const holder = await rolloutLockHolder({ dir: folders.state, store });
  const held = holder !== undefined && living.has(holder.run);
  const reason = rolloutLeft(record, await files.events(record.id), { held, stopped });
  return reason === undefined ? undefined : { id: record.id, reason };
}
