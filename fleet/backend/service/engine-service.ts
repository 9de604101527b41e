import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError, systemError } from "../../../errors/index.ts";
import { withPassphrase } from "../secrets/keeper.ts";
import { type EngineFiles, keeping, type ServedStack } from "./engine-files.ts";
import type { Entry } from "./entry.ts";
import { beginSchema, completeSchema, entriesSchema, eventsSchema } from "./protocol.ts";
import { described, on, readingRoutes, STACK_PATH, UPDATE_PATH } from "./reading.ts";
import { serveLoopback } from "./server.ts";
import { Update } from "./update.ts";

/** The engine's service for one operation on one stack of a working copy. */
export interface EngineService extends EngineFiles {
  /** A directory of the engine's own, for this user alone, until the service ends. */
  readonly folder: string;
  /** Ends it. What the engine told is in the copy then, also what one told that was killed. @throws what kept the state from being written */
  close(): Promise<void>;
}

/** Between two messages of the engine's journal, ms (its default is 50, for a service in a network): a step waits for its entry. */
const BATCH_MS = 2;
/** The only form of entries that `replay.ts` knows; the engine sends no newer one then. */
const JOURNAL = 1;

/**
 * Serves the states in a directory to one `pulumi`, as Pulumi Cloud does: the engine tells each step once, and does not write the whole
 * state around each. What it was told is on disk before it answers.
 *
 * @param served a stack of a working copy
 */
export async function serveEngine(served: ServedStack): Promise<EngineService> {
  const { dir, stack } = served;
  let update: Update | undefined;
  let broken: unknown;
  const current = () => {
    if (update === undefined) throw new Error("no update has begun");
    return update;
  };
  const { exports, key, ...keeper } = keeping(served);
  const kept = (entry: Entry) => (key ? withPassphrase(entry, key) : entry);
  const server = await serveLoopback(
    [
      ...readingRoutes((name) => exports.of(name)),
      ...keeper.routes,
      on("POST", `${STACK_PATH}/begin-update`, async ({ names: [name = ""], body, agent }) => {
        if (name !== stack) throw new Error(`the update is one of ${stack}, not of ${name}`);
        const begin = beginSchema.parse(body);
        // What follows from `PULUMI_SKIP_CHECKPOINTS` would be no state at all until the end.
        if (begin.journalVersion < JOURNAL) throw noJournal(name);
        const deployment = exports.of(name);
        update = await Update.begin(dir, name, {
          begin,
          engine: /\((v[^;)]+)/.exec(agent)?.[1] ?? "",
          part: exports.part,
        });
        return {
          version: 1,
          token: server.token,
          journalVersion: JOURNAL,
          updateID: update.id,
          deployment,
          stack: described(name),
        };
      }),
      on("PATCH", `${UPDATE_PATH}/journalentries`, async ({ body }) => {
        await current().entries(entriesSchema.parse(body).entries.map(kept));
        return {};
      }),
      on("POST", `${UPDATE_PATH}/events/batch`, ({ body }) => {
        for (const { summaryEvent } of eventsSchema.parse(body).events)
          if (summaryEvent) current().counted(summaryEvent.resourceChanges ?? {});
        return {};
      }),
      on("POST", `${UPDATE_PATH}/renew_lease`, () => ({ token: server.token })),
      on("POST", `${UPDATE_PATH}/complete`, ({ body }) => {
        current().complete(completeSchema.parse(body).status);
        return {};
      }),
    ],
    (error) => {
      broken ??= error;
    },
  );
  const folder = join(dir, `engine-${randomUUID()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { env, configFile } = keeper.files(folder, server);
  return {
    folder,
    configFile,
    env: {
      ...env,
      PULUMI_JOURNALING_BATCH_PERIOD: String(BATCH_MS),
      // Of the copy that it keeps beside the journal for callers of its own, which nothing reads here, it writes the end alone.
      PULUMI_SKIP_CHECKPOINTS: "true",
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
      await update?.close().catch(told);
      if (broken) told(broken);
    },
  };
}

/** What the disk refuses is no defect of ours. */
function told(error: unknown): never {
  throw systemError(error) ?? error;
}

function noJournal(stack: string): SitefleetError {
  return new SitefleetError({
    code: "state.steps",
    message: "the engine offers no journal of its steps",
    subject: stack,
    hint: "unset PULUMI_DISABLE_JOURNALING, or set SITEFLEET_ENGINE_JOURNAL=off: then it writes the whole state around each step",
  });
}
