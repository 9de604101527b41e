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
  const own = Object.entries(environment ?? {}).filter(([name]) => !OURS.test(name));
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

/** What the engine notes of its environment that is there for the service alone (`engine-service.ts`): plain `pulumi` would not have it. */
const OURS = /^pulumi\.env\.PULUMI_(ACCESS_TOKEN|CREDENTIALS_PATH|JOURNALING_BATCH_PERIOD|SKIP_CHECKPOINTS)$/;

/** A value of the configuration as a file has it (config.Value), from how it is sent (apitype.ConfigValue). */
function configured({ string, secret, object }: Begin["program"]["config"][string]): unknown {
  if (object) return JSON.parse(string);
  return secret ? { secure: string } : string;
}
