import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { badReleases, clearBad } from "../../fleet/releases/rollback/index.ts";
import { prepare, withCommon } from "../context.ts";
import { plural, print, printJson, say, table } from "../output/style.ts";

/** `sitefleet release …`: releases that were rolled back are not deployed again until they are cleared. */
export function registerRelease(program: Command): void {
  const release = program.command("release").description("releases that were rolled back and are refused");
  withCommon(release.command("list"))
    .description("list the releases that were rolled back")
    .action(async (_options, command: Command) => {
      const { json } = await prepare(command);
      const bad = await badReleases(stateDir());
      if (json) printJson(bad);
      else if (bad.length === 0) say("no release was rolled back");
      else {
        const rows = bad.map(({ commit, repository, at, reason }) => [commit.slice(0, 12), repository, at, reason]);
        print(table([["commit", "repository", "since", "reason"], ...rows]));
      }
    });
  withCommon(release.command("clear [commit]"))
    .description("forget that this release was rolled back: it may be deployed again")
    .option("--all", "all of them")
    .action(async (commit: string | undefined, { all }: { all?: boolean }, command: Command) => {
      const { json } = await prepare(command);
      if ((commit === undefined) !== (all === true) || (commit !== undefined && !/^[0-9a-f]{7,40}$/.test(commit))) {
        throw new SitefleetError({
          code: "usage",
          message: "name one commit by 7 to 40 hex digits, or --all",
          hint: "sitefleet release list",
        });
      }
      const cleared = await clearBad(stateDir(), commit);
      if (commit !== undefined && cleared.length === 0) {
        throw new SitefleetError({
          code: "release.unknown",
          message: "no such release was rolled back",
          subject: commit,
          hint: "sitefleet release list",
        });
      }
      if (json) printJson(cleared);
      else say(`cleared ${plural(cleared.length, "release")}`);
    });
}
