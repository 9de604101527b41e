import type { Command } from "commander";
import { pleskPermissions } from "../../../operations/plesk/permissions.ts";
import { pleskUnlock } from "../../../operations/plesk/unlock.ts";
import { operationCommand } from "../../from-operation.ts";
import { runOnServices } from "./service-command.ts";

/** `sitefleet plesk unlock`: removes locks that are not renewed. */
export function registerUnlock(plesk: Command): void {
  operationCommand(plesk.command("unlock"), pleskUnlock).action(async (_options, command: Command) => {
    await runOnServices(command, pleskUnlock, "unlocking", {
      head: ["service", "removed", "left, still renewed"],
      rows: ({ service, removed, left }) => [[service, removed.join("; ") || "-", left.join("; ") || "-"]],
    });
  });
}

/** `sitefleet plesk permissions`: modes of the live releases. */
export function registerPermissions(plesk: Command): void {
  operationCommand(plesk.command("permissions"), pleskPermissions).action(
    async ({ repair }: { readonly repair?: boolean }, command: Command) => {
      await runOnServices(command, pleskPermissions, "checking", {
        head: ["service", "wrong", "first of them"],
        rows: ({ service, wrong, paths }) => [[service, wrong, paths.slice(0, 3).join("; ") || "-"]],
        summary: (values) => {
          const wrong = values.reduce((sum, value) => sum + value.wrong, 0);
          return wrong === 0
            ? "all modes are right"
            : `${wrong} wrong${repair ? ", set right" : "; --repair sets them right"}`;
        },
      });
    },
  );
}
