import { placesOf } from "../store/project.ts";
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
  const counted = Object.entries(changes).sort(([a], [b]) => (a < b ? -1 : 1));
  const info = {
    kind: begin.updateKind,
    startTime: Math.floor(startedAt / 1000),
    message,
    environment: sorted(environment ?? {}),
    config: sorted(
      Object.fromEntries(Object.entries(begin.program.config).map(([key, value]) => [key, configured(value)])),
    ),
    version: 0,
    result: succeeded ? "succeeded" : "failed",
    endTime: Math.floor(endedAt / 1000),
    ...(counted.length > 0 && { resourceChanges: Object.fromEntries(counted) }),
  };
  // The engine names its files by nanoseconds.
  const at = `${endedAt}000000`;
  return [
    { key: `${history}/${stack}-${at}.history.json`, text: JSON.stringify(info) },
    { key: `${history}/${stack}-${at}.checkpoint.json`, text: state },
    ...(backups ? [{ key: `${folder}/${stack}.${at}.json`, text: state }] : []),
  ];
}

/** Go writes maps in the order of their keys. */
const sorted = <Value>(map: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A value of the configuration as a file has it (config.Value), from how it is sent (apitype.ConfigValue). */
function configured({ string, secret, object }: Begin["program"]["config"][string]): unknown {
  if (object) return JSON.parse(string);
  return secret ? { secure: string } : string;
}
