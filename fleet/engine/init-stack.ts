import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { PulumiError, pulumi } from "../backend/pulumi.ts";

/** The keys of a stack's configuration file that say how its secrets are encrypted. */
const ENCRYPTION_KEYS = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

/** How a configuration file says that secrets are encrypted; what of it a backend needs. */
export type EncryptionKeys = Readonly<Record<string, string>>;

const keysOf = (text: string): EncryptionKeys => {
  const config = parse(text) ?? {};
  return Object.fromEntries(ENCRYPTION_KEYS.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])));
};

/** Pulumi Cloud keeps the keys itself; every other backend needs the configuration file to say how secrets are encrypted. */
function isPulumiCloud(env: NodeJS.ProcessEnv): boolean {
  const backend = env.PULUMI_BACKEND_URL ?? "";
  return backend === "" || backend.startsWith("https://");
}

function noEncryption(stack: string, configFile: string): SitefleetError {
  return new SitefleetError({
    code: "settings.encryption",
    message: `${configFile} does not say how secrets are encrypted; every stack would get a key of its own`,
    subject: stack,
    hint: "make the first stack by hand: pulumi stack init prod (docs/guides/bring-up-an-estate.md)",
  });
}

/** What is said when the engine makes no stack. */
interface InitRefusal {
  readonly message: string;
  readonly hint: string;
}

/**
 * Makes an empty stack in the backend. `pulumi stack init` knows no `--config-file` and would write one beside
 * Pulumi.yaml for every stack, so it runs in a folder of its own that holds only how secrets are encrypted.
 *
 * @param encryption how secrets are encrypted; empty: the engine decides
 * @returns how they are, as the engine has it afterwards; undefined when the stack is there already
 * @throws SitefleetError `stack.init`
 */
export async function engineInit(
  stack: string,
  encryption: EncryptionKeys,
  env: NodeJS.ProcessEnv,
  { message, hint }: InitRefusal,
): Promise<EncryptionKeys | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-init-"));
  const file = join(dir, `Pulumi.${stack}.yaml`);
  try {
    const { name, backend } = parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8"));
    writeFileSync(join(dir, "Pulumi.yaml"), stringify({ name, runtime: "nodejs", backend: backend || undefined }));
    if (Object.keys(encryption).length > 0) writeFileSync(file, stringify(encryption));
    const provider = encryption.secretsprovider === undefined ? [] : ["--secrets-provider", encryption.secretsprovider];
    await pulumi(["stack", "init", stack, "--no-select", ...provider], { cwd: dir, env });
    return existsSync(file) ? keysOf(readFileSync(file, "utf8")) : {};
  } catch (error) {
    if (error instanceof SitefleetError) throw error;
    const output = error instanceof PulumiError ? error.output || error.message : String(error);
    if (/already exists/.test(output)) return undefined;
    throw new SitefleetError({
      code: "stack.init",
      message: `${message}: ${output}`,
      subject: stack,
      hint,
      cause: error,
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Makes an empty stack that is encrypted as the configuration file says.
 *
 * @throws SitefleetError `stack.init`, `settings.encryption`
 */
export async function initStack(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv = environment(),
): Promise<void> {
  const refusal = {
    message: "the stack could not be made",
    hint: "check PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE",
  };
  const encryption = keysIn(stack, configFile, refusal);
  if (Object.keys(encryption).length === 0 && !isPulumiCloud(env)) throw noEncryption(stack, configFile);
  await engineInit(stack, encryption, env, refusal);
}

function keysIn(stack: string, configFile: string, { message, hint }: InitRefusal): EncryptionKeys {
  try {
    return keysOf(readFileSync(configFile, "utf8"));
  } catch (cause) {
    throw new SitefleetError({ code: "stack.init", message: `${message}: ${cause}`, subject: stack, hint, cause });
  }
}
