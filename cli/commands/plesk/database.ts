import type { Command } from "commander";
import { SitefleetError } from "../../../errors/index.ts";
import { pleskDbChanges } from "../../../operations/plesk/db-changes.ts";
import { pleskDbRestore } from "../../../operations/plesk/db-restore.ts";
import { pleskDbSnapshot } from "../../../operations/plesk/db-snapshot.ts";
import { operationCommand } from "../../from-operation.ts";
import { CHANGES_HEAD, changesRows } from "../../output/services.ts";
import { runOnServices } from "./service-command.ts";

/** `sitefleet plesk db …`: snapshots of the services' databases. */
export function registerDatabase(plesk: Command): void {
  const db = plesk.command("db").description("snapshots of the services' databases");
  registerSnapshot(db);
  registerChanges(db);
  registerRestore(db);
}

function registerSnapshot(db: Command): void {
  operationCommand(db.command("snapshot"), pleskDbSnapshot).action(async (_options, command: Command) => {
    await runOnServices(command, pleskDbSnapshot, "taking snapshots", {
      head: ["service", "snapshot", "bytes", "proven", "restoring takes"],
      rows: ({ service, name, bytes, proven, restoreSeconds }) => [
        [service, name, bytes, proven ? "yes" : "no", `about ${restoreSeconds} s`],
      ],
    });
  });
}

function registerChanges(db: Command): void {
  operationCommand(db.command("changes"), pleskDbChanges).action(async (_options, command: Command) => {
    await runOnServices(command, pleskDbChanges, "comparing databases", {
      head: CHANGES_HEAD,
      rows: changesRows,
    });
  });
}

function registerRestore(db: Command): void {
  operationCommand(db.command("restore"), pleskDbRestore)
    .option("-y, --yes", "do not ask: what was written since the snapshot is no longer in the database")
    .action(async ({ yes }: { readonly yes?: boolean }, command: Command) => {
      if (!yes) {
        throw new SitefleetError({
          code: "usage",
          message: "what was written since the snapshot will no longer be in the database",
          hint: "add --yes when that is meant; the present state is kept in a snapshot",
        });
      }
      await runOnServices(command, pleskDbRestore, "restoring", {
        head: ["service", "restored", "present state kept as"],
        rows: ({ service, restored, kept }) => [[service, restored, kept]],
      });
    });
}
