import { join } from "node:path";
import { type Inputs, loadInputs } from "../stacks/program.ts";
import { type Choice, chooseStacks } from "./choose.ts";
import type { StackInfo } from "./engine/list-stacks.ts";
import { readStacks } from "./engine/read-stacks.ts";
import { shareIndex } from "./index/shared-index.ts";
import { type Surveyed, survey } from "./index/survey.ts";
import { syncRuns } from "./journal/shared-runs.ts";
import { mendBackend, type Restored, restoreCutOff } from "./repair/index.ts";
import type { ObjectStore } from "./store/object-store.ts";
import { stateDir } from "./store/state-dir.ts";
import { stateStore } from "./store/state-store.ts";

/** What a session is about. */
export interface SessionOptions {
  /** Absolute directory of the catalog. */
  readonly catalogDir: string;
  readonly configFile: string;
  /** Only these stacks. @default all that the catalog needs */
  readonly named?: readonly string[];
  /** Open every stack, whatever its digest says. @default false */
  readonly all?: boolean;
  /** Read what is live; opens every stack. @default false */
  readonly refresh?: boolean;
}

/** The catalog, the backend's stacks and what differs between them: where every command over stacks begins. */
export interface Session {
  readonly inputs: Inputs;
  readonly configFile: string;
  readonly catalogDir: string;
  readonly infos: ReadonlyMap<string, StackInfo>;
  readonly choice: Choice;
  /** All chosen stacks, with why each is to be opened; differs = the declaration has changed (not known with `all`). */
  readonly surveyed: readonly (Surveyed & { readonly differs: boolean })[];
  /** The ones to open, in order. */
  readonly open: readonly string[];
  /** States that were cut off and have been replaced by an older copy. */
  readonly restored: readonly Restored[];
  readonly folders: { readonly state: string; readonly locks: string; readonly runs: string };
  /** Where machines share locks, journals and the index; undefined when the folders are all there is. */
  readonly store: ObjectStore | undefined;
}

/**
 * Reads the catalog and asks the backend once for all stacks.
 *
 * @throws SitefleetError `catalog.invalid`, `backend.unreachable`, `stack.unknown`, `artifact.missing`,
 *   `store.unreachable`
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const inputs = loadInputs(options.catalogDir);
  // A kill in the wrong moment leaves a file that makes the list of all stacks fail.
  mendBackend();
  const restored = await restoreCutOff();
  const state = stateDir();
  const folders = { state, locks: join(state, "locks"), runs: join(state, "runs") };
  const store = await stateStore();
  const shared = store && [shareIndex(store, state), syncRuns(store, folders.runs)];
  const [infos] = await Promise.all([readStacks(), ...(shared ?? [])]);
  const choice = chooseStacks(inputs.catalog, new Set(infos.keys()), options.named);
  const forced = options.refresh ? "live state is compared" : options.all ? "all stacks were asked for" : undefined;
  const { configFile } = options;
  // `--all` opens whatever it says; for `--refresh` it tells what the declaration has changed from what has drifted.
  const known =
    options.all && !options.refresh
      ? choice.stacks.map((stack) => ({ stack, reason: undefined }))
      : await survey({ stacks: choice.stacks, infos, inputs, configFile, retired: choice.retired, dir: state });
  if (store) await shareIndex(store, state);
  const found = known.map(({ stack, reason }) => ({ stack, reason: forced ?? reason, differs: reason !== undefined }));
  return {
    inputs,
    configFile,
    catalogDir: options.catalogDir,
    infos,
    choice,
    restored,
    surveyed: found,
    open: found.filter(({ reason }) => reason !== undefined).map(({ stack }) => stack),
    folders,
    store,
  };
}
