import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { PulumiError, pulumi } from "../backend/pulumi.ts";

/** The keys of a stack's configuration file that say how its secrets are encrypted. */
const ENCRYPTION_KEYS = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

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

/**
 * Makes an empty stack in the backend. `pulumi stack init` knows no `--config-file` and would write one beside
 * Pulumi.yaml for every stack, so it runs in a folder of its own that holds only how secrets are encrypted.
 *
 * @throws SitefleetError `stack.init`
 */
export async function initStack(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv = environment(),
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-init-"));
  try {
    const { name, backend } = parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8"));
    writeFileSync(join(dir, "Pulumi.yaml"), stringify({ name, runtime: "nodejs", backend: backend || undefined }));
    const config = parse(readFileSync(configFile, "utf8")) ?? {};
    const encryption = Object.fromEntries(
      ENCRYPTION_KEYS.filter((key) => config[key] !== undefined).map((key) => [key, config[key]]),
    );
    if (Object.keys(encryption).length === 0 && !isPulumiCloud(env)) throw noEncryption(stack, configFile);
    if (Object.keys(encryption).length > 0) writeFileSync(join(dir, `Pulumi.${stack}.yaml`), stringify(encryption));
    const provider = encryption.secretsprovider === undefined ? [] : ["--secrets-provider", encryption.secretsprovider];
    await pulumi(["stack", "init", stack, "--no-select", ...provider], { cwd: dir, env });
  } catch (error) {
    if (error instanceof SitefleetError) throw error;
    const output = error instanceof PulumiError ? error.output || error.message : String(error);
    if (/already exists/.test(output)) return;
    throw new SitefleetError({
      code: "stack.init",
      message: `the stack could not be made: ${output}`,
      subject: stack,
      hint: "check PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE",
      cause: error,
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
