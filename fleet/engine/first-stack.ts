import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { PulumiError, pulumi } from "../backend/pulumi.ts";

/** How a configuration file says that secrets are encrypted; what of it a backend needs. */
export type EncryptionKeys = Readonly<Record<string, string>>;

/**
 * Makes the shared stack, empty, as the first of an estate: with it the engine makes the salt that all stacks have.
 *
 * @returns the keys for the configuration file; none for Pulumi Cloud, which keeps the key itself. Undefined when the stack is there
 *   already
 * @throws SitefleetError `stack.init`
 */
export async function firstStack(env: NodeJS.ProcessEnv): Promise<EncryptionKeys | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-init-"));
  try {
    const { name } = parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")) as { name: string };
    writeFileSync(join(dir, "Pulumi.yaml"), stringify({ name, runtime: "nodejs" }));
    await pulumi(["stack", "init", SHARED_STACK, "--no-select"], { cwd: dir, env });
    return keysIn(join(dir, `Pulumi.${SHARED_STACK}.yaml`));
  } catch (error) {
    const output = error instanceof PulumiError ? error.output || error.message : String(error);
    if (/already exists/.test(output)) return undefined;
    throw new SitefleetError({
      code: "stack.init",
      message: `the first stack could not be made: ${output}`,
      subject: SHARED_STACK,
      hint: "check the address of the state backend and the passphrase, then run it again",
      cause: error,
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function keysIn(file: string): EncryptionKeys {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {};
  }
  const { encryptionsalt, secretsprovider, encryptedkey } = parse(text) as Record<string, string | undefined>;
  const keys = { encryptionsalt, secretsprovider, encryptedkey };
  return Object.fromEntries(Object.entries(keys).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

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
