import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

/** How often the engine is asked, with a pause before each further time, ms. */
const TRIES = 20;
const PAUSE_MS = 50;

/**
 * The outputs of this stack's last update; empty before the first one. Not a StackReference: that would be a resource of the stack,
 * and every state would hold the one before.
 *
 * In a directory the engine writes what a state's file is about (`.attrs`) by truncating it. It writes this very state meanwhile,
 * so a read that meets an empty file fails with `EOF`, and is repeated.
 */
export async function ownOutputs<Outputs extends object>(): Promise<Partial<Outputs>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  for (let left = TRIES; ; left--) {
    try {
      const { outputs = {} } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
        readonly outputs?: Partial<Outputs>;
      };
      return outputs;
    } catch (error) {
      if (left <= 1 || !/failed to load checkpoint: .*EOF/.test(String(error))) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
