import type { Command } from "commander";
import type { z } from "zod";
import { type WatchEvent, watch } from "../../operations/watch.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { plural, print, printJson, say } from "../output/style.ts";

/** `sitefleet watch`: tells what begins and what ends, for a team without a monitoring server. */
export function registerWatch(program: Command): void {
  operationCommand(program.command("watch"), watch).action(
    async (options: z.input<typeof watch.input>, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(watch.input, options);
      const shows = { stopping: "stopping after this look", emit: tell };
      const { document } = await performShown(context, watch, input, shows);
      if (context.json) printJson(document);
      else for (const { alert, labels, since } of document.firing) print(`${since} ${alert} ${JSON.stringify(labels)}`);
    },
  );
}

function tell(event: WatchEvent): void {
  if (event.event === "begun") say(`watching by ${plural(event.total, "rule")}`);
  if (event.event === "missed") say(`this look was not kept: ${event.reason}`);
  if (event.event !== "looked") return;
  for (const title of event.told) say(`${event.at} told: ${title}`);
  for (const { source, reason } of event.failed) say(`${source}: ${reason}`);
}
