import { SitefleetError } from "../../errors/index.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { PulumiError, pulumi } from "../backend/pulumi.ts";
import { type EncryptionKeys, engineInit } from "./init-stack.ts";

/**
 * Makes the shared stack, empty, as the first of an estate: with it the engine makes the salt that all stacks have.
 *
 * @returns the keys for the configuration file; none for Pulumi Cloud, which keeps the key itself. Undefined when the stack is there
 *   already
 * @throws SitefleetError `stack.init`
 */
export const firstStack = (env: NodeJS.ProcessEnv): Promise<EncryptionKeys | undefined> =>
  engineInit(SHARED_STACK, {}, env, {
    message: "the first stack could not be made",
    hint: "check the address of the state backend and the passphrase, then run it again",
  });

/**
 * Writes one secret of the configuration, encrypted by the engine. Its value goes in by stdin and stands in no argument.
 *
 * @throws SitefleetError `stack.init`
 */
export async function setSecret(
  name: string,
  value: string,
  configFile: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const args = ["config", "set", "--secret", "--path", "--stack", SHARED_STACK, "--config-file", configFile];
  try {
    await pulumi([...args, `sitefleet:secrets.${name}`], { env, input: value });
  } catch (cause) {
    throw new SitefleetError({
      code: "stack.init",
      message: `the secret could not be written: ${cause instanceof PulumiError ? cause.said : String(cause)}`,
      subject: name,
      hint: "run it again: what is done is kept",
      cause,
    });
  }
}
