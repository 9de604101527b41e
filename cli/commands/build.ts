import type { Command } from "commander";
import type { z } from "zod";
import { describeError } from "../../errors/index.ts";
import { type BuildEvent, type Built, build } from "../../operations/build.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { forPeople, plural, print, printJson, say } from "../output/style.ts";
import type { Shows } from "../stoppable.ts";

/** Shows a build. A step that is interrupted says so itself. */
const lines: Shows<BuildEvent> = {
  stopping: "",
  emit(event) {
    if (event.event === "line") say(event.text);
    if (event.event === "failed") say(`${forPeople.red("error:")} ${describeError(event.error)}`);
  },
};

/** `sitefleet build`: makes artifacts of services by their declared builds. */
export function registerBuild(program: Command): void {
  operationCommand(program.command("build"), build).action(
    async (options: z.input<typeof build.input>, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, build, inputOf(build.input, options), lines);
      if (context.json) printJson(document);
      else for (const result of value.built) print(line(result));
      const { removed, keepDays } = value;
      if (removed.length > 0) say(`removed ${plural(removed.length, "build")} older than ${keepDays} days`);
    },
  );
}

function line(result: Built["built"][number]): string {
  const { service, release, files, archive, commit, dirty, components, seconds } = result;
  const source = commit === null ? "no commit" : `${commit.slice(0, 12)}${dirty ? " and more" : ""}`;
  return (
    `${service} ${release.slice(0, 12)}: ${plural(files, "file")}, ${Math.ceil(archive.bytes / 1024)} KiB packed, ` +
    `${plural(components, "package")} in the SBOM, from ${source}, ${seconds} s`
  );
}
