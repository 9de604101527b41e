import { placesOf } from "../store/project.ts";
import { goMap } from "./go-json.ts";
import type { Begin } from "./protocol.ts";

/** What an update came to. */
export interface Ended {
  readonly begin: Begin;
  /** Ms since 1970. */
  readonly startedAt: number;
  /** Ms since 1970. */
  readonly endedAt: number;
  readonly succeeded: boolean;
  /** What was done in all, as the engine counts: operation → number. */
  readonly changes: Readonly<Record<string, number>>;
  /** The text of the state's file. */
  readonly state: string;
  /** Names of the variables that the engine was given beside those of the service. */
  readonly given: ReadonlySet<string>;
}

/**
 * The files that the engine's own backends write at the end of an update (pkg/backend/diy/state.go and backend.UpdateInfo, 3.276): what was
 * done, the state after it, and that state once more as a backup. Pure.
 *
 * @param backups whether backups are wanted (`PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS`)
 */
export function historyFiles(stack: string, ended: Ended, backups: boolean): { key: string; text: string }[] {
  const { begin, startedAt, endedAt, succeeded, changes, state } = ended;
  const { history, backups: folder } = placesOf(stack);
  const { message, environment } = begin.program.metadata;
  const own = Object.entries(environment ?? {}).filter(([name]) => isTheirs(name, ended.given));
  const config = Object.entries(begin.program.config).map(([key, value]) => [key, configured(value)] as const);
  const fields = {
    kind: goMap(begin.updateKind),
    startTime: goMap(Math.floor(startedAt / 1000)),
    message: goMap(message),
    environment: goMap(Object.fromEntries(own)),
    // The engine encodes the configuration by itself, and the whole after it.
    config: goMap(Object.fromEntries(config), true),
    version: "0",
    result: goMap(succeeded ? "succeeded" : "failed"),
    endTime: goMap(Math.floor(endedAt / 1000)),
    ...(Object.keys(changes).length > 0 && { resourceChanges: goMap(changes) }),
  };
  const info = `{${Object.entries(fields)
    .map(([name, text]) => `"${name}":${text}`)
    .join(",")}}`;
  // The engine names its files by nanoseconds.
  const at = `${endedAt}000000`;
  return [
    { key: `${history}/${stack}-${at}.history.json`, text: info },
    { key: `${history}/${stack}-${at}.checkpoint.json`, text: state },
    ...(backups ? [{ key: `${folder}/${stack}.${at}.json`, text: state }] : []),
  ];
}

/** What an engine is given for the service alone (`engine-service.ts`). */
const OURS = new Set(
  ["ACCESS_TOKEN", "CREDENTIALS_PATH", "ENABLE_LEGACY_DIFF", "HOME", "JOURNALING_BATCH_PERIOD", "SKIP_CHECKPOINTS"].map(
    (name) => `PULUMI_${name}`,
  ),
);

/** Whether plain `pulumi` would have noted this of its environment as well. */
function isTheirs(noted: string, given: ReadonlySet<string>): boolean {
  const name = noted.replace(/^pulumi\.env\./, "");
  return !OURS.has(name) || given.has(name);
}

/** A value of the configuration as a file has it (config.Value), from how it is sent (apitype.ConfigValue). */
function configured({ string, secret, object }: Begin["program"]["config"][string]): unknown {
  if (object) return JSON.parse(string);
  return secret ? { secure: string } : string;
}
