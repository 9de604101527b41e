import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { type Inputs, loadInputs } from "../../stacks/program.ts";
import { shareIndex } from "../backend/index/shared-index.ts";
import { syncRuns } from "../backend/journal/shared-runs.ts";
import { inspectStates, type StateFault } from "../backend/states/inspect.ts";
import { checkBackendUrl } from "../backend/store/backend-url.ts";
import { fileBackend } from "../backend/store/file-backend.ts";
import { lookAnew } from "../backend/store/look.ts";
import { stateDir } from "../backend/store/state-dir.ts";
import { stateStore } from "../backend/store/state-store.ts";
import type { Store } from "../backend/store/store.ts";
import type { StackInfo } from "../engine/list-stacks.ts";
import { readStacks } from "../engine/read-stacks.ts";
import { type Choice, chooseStacks } from "./choose.ts";
import { requireSameCells } from "./preflight/same-cells.ts";
import { knownStacks, type Surveyed, survey } from "./survey.ts";

/** What a session is about. */
export interface SessionOptions {
  /** Absolute directory of the catalog. */
  readonly catalogDir: string;
  readonly configFile: string;
  /** Only these stacks. @default all that the catalog needs */
  readonly named?: readonly string[];
  /** Not these of them. @default none */
  readonly except?: readonly string[];
  /** Open every stack, whatever its digest says. @default false */
  readonly all?: boolean;
  /** Read what is live; opens every stack. @default false */
  readonly refresh?: boolean;
  /** Ask which stacks differ from what is declared. Without it all are opened, and it is not known why. @default true */
  readonly survey?: boolean;
  /** Look whether the states can be worked with. @default true */
  readonly inspect?: boolean;
}

/** The catalog, the backend's stacks and what differs between them: where every command over stacks begins. */
export interface Session {
  readonly inputs: Inputs;
  readonly configFile: string;
  readonly catalogDir: string;
  readonly infos: ReadonlyMap<string, StackInfo>;
  readonly choice: Choice;
  /** All chosen stacks, with why each is to be opened; differs = the declaration has changed (not known without a survey). */
  readonly surveyed: readonly (Surveyed & { readonly differs: boolean })[];
  /** The ones to open, in order. */
  readonly open: readonly string[];
  /** Stacks among them whose state cannot be worked with. An update mends some, and leaves the others alone. */
  readonly faults: ReadonlyMap<string, StateFault>;
  readonly folders: { readonly state: string; readonly runs: string };
  /** Where machines share locks, journals and the index; undefined when the folders are all there is. */
  readonly store: Store | undefined;
}

/**
 * Reads the catalog and asks the backend once for all stacks. Changes nothing in the backend: previews begin here as well.
 *
 * @throws SitefleetError `catalog.invalid`, `backend.unreachable`, `stack.unknown`, `store.unreachable`, `cells.changed`,
 *   `environment.invalid`
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const inputs = loadInputs(options.catalogDir);
  checkBackendUrl();
  lookAnew();
  const state = stateDir();
  const folders = { state, runs: join(state, "runs") };
  const store = await stateStore();
  const pull = { push: false };
  const remembered = store && shareIndex(store, state, pull).then(() => knownStacks(state));
  const [infos] = await Promise.all([
    readStacks(environment(), remembered),
    store && syncRuns(store, folders.runs, pull),
  ]);
  const choice = chooseStacks(inputs.catalog, new Set(infos.keys()), options.named, options.except);
  const all = options.all || options.survey === false;
  const forced = options.refresh ? "live state is compared" : all ? "all stacks were asked for" : undefined;
  const { configFile } = options;
  // `--all` and `--refresh` open whatever it says: there it tells what the declaration has changed from what has drifted, and which
  // stacks need no preview before their update.
  const known: readonly Surveyed[] =
    options.survey === false
      ? choice.stacks.map((stack) => ({ stack, reason: undefined }))
      : await survey({ stacks: choice.stacks, infos, inputs, configFile, retired: choice.retired, dir: state });
  const opened = known.filter(({ reason }) => (forced ?? reason) !== undefined).map(({ stack }) => stack);
  if (options.inspect !== false) await requireSameCells(infos.values(), opened, inputs.catalog.cells);
  const looked = lookedAt(choice.stacks, opened, infos);
  const faults = options.inspect === false ? new Map<string, StateFault>() : await inspectStates(looked);
  const found = known.map(({ stack, reason, was, settled, ...rest }) => {
    const fault = faults.get(stack);
    const why = fault ? `its state ${fault.damage.says}` : (forced ?? reason);
    const told = { was: why === reason ? was : undefined, settled: fault ? undefined : settled };
    return { stack, reason: why, differs: reason !== undefined, ...rest, ...told };
  });
  return {
    inputs,
    configFile,
    catalogDir: options.catalogDir,
    infos,
    choice,
    faults,
    surveyed: found,
    open: found.filter(({ reason }) => reason !== undefined).map(({ stack }) => stack),
    folders,
    store,
  };
}

/**
 * The stacks whose states are looked at whole: in a directory all of them, since reading them takes no longer than starting
 * one engine. From a bucket or table only what is opened is fetched, and the shared stack, which the others read.
 */
function lookedAt(stacks: readonly string[], opened: readonly string[], infos: Session["infos"]): Set<string> {
  if (fileBackend(environment()) !== undefined) return new Set([SHARED_STACK, ...stacks]);
  return new Set([SHARED_STACK, ...opened, ...stacks.filter((stack) => !infos.has(stack))]);
}
