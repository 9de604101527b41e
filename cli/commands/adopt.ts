import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { adoptApply } from "../../operations/adopt-apply.ts";
import { adoptMatch } from "../../operations/adopt-match.ts";
import { adoptScan } from "../../operations/adopt-scan.ts";
import { adoptUndo } from "../../operations/adopt-undo.ts";
import { adoptWrite } from "../../operations/adopt-write.ts";
import { agrees } from "../ask.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { AdoptTeller, showApplied, showMatching, showRows, showUndone } from "../output/adopt.ts";
import { print, printJson, say, table } from "../output/style.ts";
import { Teller } from "../output/teller.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet adopt …`: takes over an estate that exists, without touching it. */
export function registerAdopt(program: Command): void {
  const adopt = program.command("adopt").description("take over an estate that exists: nothing at a vendor is changed");
  operationCommand(adopt.command("scan"), adoptScan).action(async (options: object, command: Command) => {
    const context = await prepare(command);
    const { value, document } = await performShown(
      context,
      adoptScan,
      inputOf(adoptScan.input, options),
      new AdoptTeller(),
    );
    if (context.json) return printJson(document);
    print(table([["what", "found"], ...Object.entries(document.objects).sort()]));
    const calls = Object.entries(value.calls ?? {}).map(([vendor, count]) => `${vendor} ${count}`);
    say(
      `${document.pages} pages${perSite(document.pages, value.inventory.seen)} in ${document.seconds.toFixed(1)} s${calls.length > 0 ? `; calls: ${calls.join(", ")}` : ""}`,
    );
    say(document.ended ? "next: sitefleet adopt match" : "stopped; the same command goes on with what is left");
  });
  operationCommand(adopt.command("match"), adoptMatch)
    .option("--all", "list everything, also what is beyond doubt")
    .action(async ({ all = false, ...options }: { all?: boolean }, command: Command) => {
      const context = await prepare(command);
      const { document } = await performShown(context, adoptMatch, inputOf(adoptMatch.input, options), SILENT);
      if (context.json) return printJson(document);
      showMatching(document, all);
    });
  operationCommand(adopt.command("write"), adoptWrite)
    .option("--all", "list everything that gets no row")
    .action(async (options: { all?: boolean }, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(adoptWrite.input, options);
      const { value, document } = await performShown(context, adoptWrite, input, SILENT);
      if (context.json) printJson(document);
      else showRows(value, options.all ?? false);
    });
  operationCommand(adopt.command("apply"), adoptApply)
    .option("-y, --yes", "do not ask")
    .action(async (options: { yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      if (!options.yes) await agreed("Take what `sitefleet adopt match` lists as matched into the states?");
      const input = inputOf(adoptApply.input, options);
      const { value, document } = await performShown(context, adoptApply, input, new AdoptTeller());
      if (context.json) printJson(document);
      else showApplied(value);
    });
  operationCommand(adopt.command("undo"), adoptUndo)
    .option("-y, --yes", "do not ask")
    .action(async (options: { yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      if (!options.yes) await agreed("Take what was adopted out of the states?");
      const { value, document } = await performShown(
        context,
        adoptUndo,
        inputOf(adoptUndo.input, options),
        new Teller(),
      );
      if (context.json) printJson(document);
      else showUndone(value);
    });
}

/** Pages for each site that was found; empty where none was. */
function perSite(pages: number, seen: readonly { readonly role: string; readonly automatic?: boolean }[]): string {
  const sites = seen.filter(({ role, automatic }) => role === "site-domain" && !automatic).length;
  return sites === 0 ? "" : `, ${(pages / sites).toFixed(1)} a site`;
}

/** @throws SitefleetError `usage` without a terminal, or when the answer is no */
async function agreed(question: string): Promise<void> {
  if (process.stdin.isTTY && (await agrees(question))) return;
  const message = process.stdin.isTTY ? "nothing was changed" : "there is no terminal to ask at";
  throw new SitefleetError({ code: "usage", message, hint: "review `sitefleet adopt match`, then add --yes" });
}
