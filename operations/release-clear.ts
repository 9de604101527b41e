import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { type BadRelease, clearBad } from "../fleet/releases/rollback/index.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { releasesDocument } from "./release/document.ts";

/** Forgets that releases were rolled back: they may be deployed again. */
export const releaseClear = defineOperation({
  name: "release clear",
  summary: "forget that this release was rolled back: it may be deployed again",
  changes: true,
  input: z.object({
    commit: flag(z.string().optional(), "[commit]", "7 to 40 hex digits of its commit"),
    all: flag(z.boolean().optional(), "--all", "all of them"),
  }),
  events: noEvents,
  output: releasesDocument,
  async run({ commit, all }): Promise<BadRelease[]> {
    if ((commit === undefined) !== (all === true) || (commit !== undefined && !/^[0-9a-f]{7,40}$/.test(commit))) {
      throw new SitefleetError({
        code: "usage",
        message: "name one commit by 7 to 40 hex digits, or --all",
        hint: "sitefleet release list",
      });
    }
    const cleared = await clearBad(stateDir(environment()), commit);
    if (commit === undefined || cleared.length > 0) return cleared;
    throw new SitefleetError({
      code: "release.unknown",
      message: "no such release was rolled back",
      subject: commit,
      hint: "sitefleet release list",
    });
  },
  document: (cleared) => cleared,
});
