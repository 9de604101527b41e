import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { secretsImport } from "../../operations/secrets-import.ts";
import { secretsPlan } from "../../operations/secrets-plan.ts";
import { secretsRotate } from "../../operations/secrets-rotate.ts";
import { secretsVerify } from "../../operations/secrets-verify.ts";
import { agrees } from "../ask.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { showFindings, showImported, showRotated, showSecrets } from "../output/secrets.ts";
import { ServiceTeller } from "../output/services.ts";
import { printJson, say } from "../output/style.ts";
import { Teller } from "../output/teller.ts";
import { SILENT } from "../stoppable.ts";

/** `sitefleet secrets …`: what secrets there are, whether they are as declared, new values for them. */
export function registerSecrets(program: Command): void {
  const secrets = program
    .command("secrets")
    .description("the secrets of jobs and services: list, verify, import, rotate");
  operationCommand(secrets.command("plan"), secretsPlan).action(async (options: object, command: Command) => {
    const context = await prepare(command);
    const input = inputOf(secretsPlan.input, options);
    const { document } = await performShown(context, secretsPlan, input, new ServiceTeller("asking the databases"));
    if (context.json) printJson(document);
    else showSecrets(document);
  });
  operationCommand(secrets.command("verify"), secretsVerify).action(async (_options: object, command: Command) => {
    const context = await prepare(command);
    const { document } = await performShown(context, secretsVerify, {}, SILENT);
    if (context.json) printJson(document);
    else showFindings(document);
  });
  registerImport(secrets);
  operationCommand(secrets.command("rotate"), secretsRotate)
    .option("-y, --yes", "do not ask")
    .action(async (options: { readonly yes?: boolean }, command: Command) => {
      const context = await prepare(command);
      if (!options.yes) {
        if (!process.stdin.isTTY)
          throw new SitefleetError({
            code: "usage",
            message: "there is no terminal to ask at",
            hint: "review `sitefleet secrets plan --probe`, then add --yes",
          });
        if (!(await agrees("Rotate, and update prod and prod-plesk for it?"))) return;
      }
      const input = inputOf(secretsRotate.input, options);
      const { document } = await performShown(context, secretsRotate, input, new Teller());
      if (context.json) printJson(document);
      else showRotated(document);
    });
}

function registerImport(secrets: Command): void {
  operationCommand(secrets.command("import"), secretsImport).action(
    async (options: { readonly from?: string; readonly dryRun?: boolean }, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(secretsImport.input, options);
      if (options.from !== undefined && options.from !== "environment") {
        if (process.stdin.isTTY)
          throw new SitefleetError({
            code: "usage",
            message: "the export comes on stdin",
            hint: `sitefleet secrets import --from ${options.from} < FILE`,
          });
        input.text = await text(process.stdin);
      }
      const { document } = await performShown(context, secretsImport, input, {
        emit: ({ name }) => say(`set ${name}`),
      });
      if (context.json) printJson(document);
      else showImported(document, options.dryRun ?? false);
    },
  );
}
