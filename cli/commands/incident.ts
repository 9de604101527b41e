import type { Command } from "commander";
import type { z } from "zod";
import { incidentAck } from "../../operations/incident-ack.ts";
import { incidentClose } from "../../operations/incident-close.ts";
import { incidentList } from "../../operations/incident-list.ts";
import { incidentReport } from "../../operations/incident-report.ts";
import { incidentShow } from "../../operations/incident-show.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { print, printJson, say, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet incident …`: what a person must look at, until its cause is gone. */
export function registerIncident(program: Command): void {
  const incident = program.command("incident").description("what a person must look at, until its cause is gone");
  operationCommand(incident.command("list"), incidentList).action(
    async (options: { all?: boolean }, command: Command) => {
      const context = await prepare(command);
      const { value, document } = await performShown(context, incidentList, { all: options.all }, SILENT);
      if (context.json) printJson(document);
      else if (value.length === 0) say("no incident is open");
      else {
        const rows = value.map(({ id, state, rule, scope, raisedAt, sentence }) => [
          id,
          state,
          rule,
          scope,
          raisedAt,
          sentence,
        ]);
        print(table([["incident", "state", "rule", "scope", "since", "what"], ...rows]));
      }
    },
  );
  operationCommand(incident.command("show"), incidentShow).action(async (id: string, _options, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, incidentShow, { id }, SILENT);
    if (context.json) {
      printJson(document);
      return;
    }
    print(`${value.rule} on ${value.scope}: ${value.sentence} (${value.state})`);
    print(table(value.timeline.map(({ at, what, by, text }) => [at, what, by, text])));
  });
  for (const operation of [incidentAck, incidentClose]) {
    const name = operation.name.split(" ")[1] as string;
    operationCommand(incident.command(name), operation).action(
      async (id: string, { reason }: { reason?: string }, command: Command) => {
        const context = await prepare(command);
        const { value, document } = await performShown(context, operation, { id, reason }, SILENT);
        if (context.json) printJson(document);
        else say(`${value.id} is ${value.state}`);
      },
    );
  }
  type Report = z.input<typeof incidentReport.input>;
  operationCommand(incident.command("report"), incidentReport).action(async (options: Report, command: Command) => {
    const context = await prepare(command);
    const input = inputOf(incidentReport.input, options);
    const { document } = await performShown(context, incidentReport, input, SILENT);
    if (context.json) printJson(document);
    else if (document.told.length === 0) say("nothing to tell");
    else for (const { id, change, sentence } of document.told) say(`${id} ${change}: ${sentence}`);
  });
}
