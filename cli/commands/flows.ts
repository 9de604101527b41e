import type { Command } from "commander";
import type { z } from "zod";
import { flowsList } from "../../operations/flows-list.ts";
import { type FlowEvent, flowsRun } from "../../operations/flows-run.ts";
import { flowsShow } from "../../operations/flows-show.ts";
import { flowsVisual } from "../../operations/flows-visual.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { flowLines } from "../output/flows.ts";
import { print, printJson, say, table } from "../output/style.ts";
import { type Shows, SILENT } from "../stoppable.ts";

const TELLER: Shows<FlowEvent> = {
  stopping: "what flows have left is taken away, then the browser closes",
  emit(event) {
    if (event.event === "notice") say(event.text);
    if (event.event === "flow-ended") for (const line of flowLines(event)) say(line);
  },
};

/** `sitefleet flows …`: what visitors do, in a browser. */
export function registerFlows(program: Command): void {
  const flows = program.command("flows").description("user flows: what visitors do, in a browser");
  operationCommand(flows.command("run"), flowsRun).action(
    async (options: z.input<typeof flowsRun.input>, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, flowsRun, inputOf(flowsRun.input, options), TELLER);
      if (context.json) printJson(document);
      else say(`${value.verdict.sentence} (run ${value.run})`);
    },
  );
  operationCommand(flows.command("list"), flowsList).action(async (_options, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, flowsList, {}, SILENT);
    const rows = value.map(({ flow, service, steps, title, refused }) => [
      flow,
      service,
      steps,
      title,
      refused ?? "yes",
    ]);
    if (context.json) printJson(document);
    else print(table([["flow", "service", "steps", "what", "runs here"], ...rows]));
  });
  operationCommand(flows.command("visual"), flowsVisual).action(
    async (options: z.input<typeof flowsVisual.input>, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, flowsVisual, inputOf(flowsVisual.input, options), SILENT);
      if (context.json) {
        printJson(document);
        return;
      }
      const rows = value.pages.map(({ page, size, state, reason }) => [page, size, state, reason || "-"]);
      print(table([["page", "size", "state", "what"], ...rows]));
      for (const file of value.pages.flatMap(({ evidence }) => evidence)) say(`  ${file}`);
      if (value.kept) say("the pictures of now are those to compare with from here on");
    },
  );
  operationCommand(flows.command("show"), flowsShow).action(
    async (run: string | undefined, _options, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, flowsShow, { run }, SILENT);
      if (context.json) printJson(document);
      else {
        const rows = value.results.map(({ flow, state, reason, tries }) => [
          flow,
          state,
          tries.length,
          [reason, ...tries.flatMap(({ evidence }) => evidence)].filter((text) => text !== "").join("; ") || "-",
        ]);
        print(table([["flow", "state", "tries", "what"], ...rows]));
        say(`${value.verdict.sentence} (run ${value.run}, ${value.at})`);
      }
    },
  );
}
