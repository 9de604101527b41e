import type { Command } from "commander";
import type { z } from "zod";
import { renderReport } from "../../fleet/report/index.ts";
import { report } from "../../operations/report.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { print, printJson, say, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet report [RUN]`: what a run came to. */
export function registerReport(program: Command): void {
  operationCommand(program.command("report"), report).action(
    async (run: string | undefined, options: z.input<typeof report.input>, command: Command) => {
      const context = await prepare(command);
      const input = { ...inputOf(report.input, options), run };
      const { value, document } = await performShown(context, report, input, SILENT);
      if (context.json) printJson(document);
      else if ("listed" in value) {
        const rows = value.listed.map((one) => {
          const operations = new Set(one.jobs.map(({ operation }) => operation));
          return [one.run, one.startedAt.slice(0, 16), [...operations].join(", "), one.target, one.outcome];
        });
        if (rows.length === 0) say("no run has kept anything yet");
        else print(table([["run", "began", "operation", "target", "outcome"], ...rows]));
      } else print(renderReport(value.report).trimEnd());
      const published = "published" in value ? value.published : undefined;
      if (published?.note !== undefined) say(published.note);
      for (const { what, did, url, reason } of published?.parts ?? [])
        say(`${what}: ${did} ${reason ?? url ?? ""}`.trimEnd());
      if ("files" in value) for (const file of value.files) say(`wrote ${file}`);
    },
  );
}
