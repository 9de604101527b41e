import * as pulumi from "@pulumi/pulumi";
import { describeError, SitefleetError } from "../errors/index.ts";
import { loadInputs } from "./program.ts";
import { runStack } from "./run-stack.ts";

/** What plain `pulumi` runs: the program of the selected stack. Errors of ours are shown without a stack trace. */
export default async function main(): Promise<Record<string, unknown>> {
  try {
    return await runStack(loadInputs(), pulumi.getStack());
  } catch (error) {
    if (error instanceof SitefleetError) throw new pulumi.RunError(describeError(error));
    throw error;
  }
}
