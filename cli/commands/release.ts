import type { Command } from "commander";
import { releaseClear } from "../../operations/release-clear.ts";
import { releaseList } from "../../operations/release-list.ts";
import { prepare } from "../context.ts";
import { operationCommand, performShown } from "../from-operation.ts";
import { plural, print, printJson, say, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet release …`: releases that were rolled back are not deployed again until they are cleared. */
export function registerRelease(program: Command): void {
  const release = program.command("release").description("releases that were rolled back and are refused");
  operationCommand(release.command("list"), releaseList).action(async (_options, command: Command) => {
    const context = await prepare(command);
    const { value: bad, document } = await performShown(context, releaseList, {}, SILENT);
    if (context.json) printJson(document);
    else if (bad.length === 0) say("no release was rolled back");
    else {
      const rows = bad.map(({ commit, repository, at, reason }) => [commit.slice(0, 12), repository, at, reason]);
      print(table([["commit", "repository", "since", "reason"], ...rows]));
    }
  });
  operationCommand(release.command("clear"), releaseClear).action(
    async (commit: string | undefined, { all }: { all?: boolean }, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, releaseClear, { commit, all }, SILENT);
      if (context.json) printJson(document);
      else say(`cleared ${plural(value.length, "release")}`);
    },
  );
}
