import { userInfo } from "node:os";
import { SitefleetError } from "../../errors/index.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { stateStore } from "../../fleet/backend/store/state-store.ts";
import {
  isUnfinished,
  type Place,
  type RolloutFiles,
  type RolloutRecord,
  rolloutFiles,
} from "../../fleet/releases/rollout/index.ts";
import { openSession, type Session } from "../../fleet/run/session.ts";
import type { Estate } from "../kit/estate.ts";

/** A fresh look at backend and catalog. */
export const openRollout = ({ catalogDir, configFile }: Estate): Promise<Session> =>
  openSession({ catalogDir, configFile });

/** Where this backend's rollouts are kept. */
export async function openFiles(): Promise<RolloutFiles> {
  return rolloutFiles(stateDir(), await stateStore());
}

/** Where processes of this backend meet. */
export async function openPlace(gone?: readonly string[]): Promise<Place> {
  return { dir: stateDir(), store: await stateStore(), gone };
}

/** The newest rollout. */
export async function latestRollout(files: RolloutFiles): Promise<RolloutRecord | undefined> {
  const [id] = await files.list();
  return id === undefined ? undefined : files.read(id);
}

/** Refuses to begin another rollout beside one that is not over. @throws SitefleetError `rollout.unfinished` */
export function refuseSecond(latest: RolloutRecord | undefined): void {
  if (latest === undefined || !isUnfinished(latest)) return;
  throw new SitefleetError({
    code: "rollout.unfinished",
    message: `a rollout is not over: ${latest.status}${latest.reason === "" ? "" : `, ${latest.reason}`}`,
    subject: latest.id,
    hint: "sitefleet rollout status shows it; resume goes on with it, abort takes it back",
  });
}

/** Who asks. */
export const me = (): string => userInfo().username;
