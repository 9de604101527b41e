import type { Command } from "commander";
import type { z } from "zod";
import { approvalRequest } from "../../operations/approval-request.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { printJson, say } from "../output/style.ts";
import { Teller } from "../output/teller.ts";

/** `sitefleet approval request`: writes what a person is to sign, and carries nothing out. */
export function registerApproval(program: Command): void {
  const approval = program.command("approval").description("requests that people sign");
  operationCommand(approval.command("request"), approvalRequest).action(
    async (options: z.input<typeof approvalRequest.input>, command: Command) => {
      const context = await prepare(command);
      const input = inputOf(approvalRequest.input, options);
      const { document } = await performShown(context, approvalRequest, input, new Teller());
      if (context.json) printJson(document);
      else if (document.file === undefined) say("nothing asks: nothing changes, or no rule needs a person's yes");
      else say(`wrote ${document.file}: an approver runs sitefleet approve --request ${document.file}`);
    },
  );
}
