import type { Command } from "commander";
import { notifyFlush } from "../../operations/notify-flush.ts";
import { notifyStatus } from "../../operations/notify-status.ts";
import { notifyTest } from "../../operations/notify-test.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { plural, print, printJson, say, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet notify …`: who is told what runs do. */
export function registerNotify(program: Command): void {
  const notify = program.command("notify").description("messages to Slack, Discord, mail and web hooks");
  operationCommand(notify.command("test"), notifyTest).action(async (options: { to?: string[] }, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(context, notifyTest, inputOf(notifyTest.input, options), SILENT);
    if (context.json) printJson(document);
    else print(table(value.map(({ name, kind, ok, reason }) => [name, kind, ok ? "took it" : reason])));
  });
  operationCommand(notify.command("status"), notifyStatus).action(async (_options, command: Command) => {
    const context = await prepare(command);
    const { document } = await performShown(context, notifyStatus, {}, SILENT);
    if (context.json) {
      printJson(document);
      return;
    }
    const rows = document.receivers.map(({ name, kind, waiting, missing }) => [
      name,
      kind,
      missing.length > 0 ? `${missing.join(", ")} is not set` : `${waiting} waiting`,
    ]);
    print(table(rows));
    for (const { receiver, title, reason, notBefore } of document.waiting)
      print(`${receiver}: ${title} (${reason || `not before ${notBefore ?? "the next command"}`})`);
    for (const { receiver, title, reason, at } of document.refused)
      print(`${receiver} refused at ${at}: ${title} ${reason}`);
  });
  operationCommand(notify.command("flush"), notifyFlush).action(async (_options, command: Command) => {
    const context = await prepare(command);
    const { document } = await performShown(context, notifyFlush, {}, SILENT);
    if (context.json) {
      printJson(document);
      return;
    }
    const delivered = Object.values(document.delivered).reduce((sum, count) => sum + count, 0);
    say(`delivered ${plural(delivered, "message")}, ${document.left.length} left`);
    for (const { receiver, title, reason } of [...document.left, ...document.refused])
      say(`${receiver}: ${title} ${reason}`);
  });
}
