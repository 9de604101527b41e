import { z } from "zod";
import { environment } from "../environment/index.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { badReleases } from "../fleet/releases/rollback/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { releasesDocument } from "./release/document.ts";

/** The releases that were rolled back. */
export const releaseList = defineOperation({
  name: "release list",
  summary: "list the releases that were rolled back",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: releasesDocument,
  run: () => badReleases(stateDir(environment())),
  document: (bad) => bad,
});
