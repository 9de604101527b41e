import { createHash } from "node:crypto";
import { parse, stringify } from "yaml";
import { readText, writeAtomic } from "../machine/files.ts";
import { pulumiEncrypter } from "./pulumi-secrets.ts";

/** Content of the sandbox's Pulumi configuration file. */
export interface ConfigContent {
  /** Plain values, texts or objects, without the project's prefix, e.g. `{ target: "sandbox" }`. */
  readonly plain: Readonly<Record<string, unknown>>;
  /** Members of the object `sitefleet:secrets`, encrypted. */
  readonly secrets: Readonly<Record<string, string>>;
}

const FILE_NOTE = "Written by the sandbox; the same keys as in the project's Pulumi.prod.yaml.";
const DIGEST = /^# content: ([0-9a-f]{64})$/m;

/**
 * Writes the configuration file unless it holds just this already, so that stacks see no change over restarts.
 *
 * @param passphrase what Pulumi decrypts the file with (`PULUMI_CONFIG_PASSPHRASE`)
 * @returns whether it was written
 */
export async function writeConfigFile(path: string, passphrase: string, content: ConfigContent): Promise<boolean> {
  // Encrypting the same text gives another file each time, hence the comparison by digest. The passphrase goes into
  // it: with the secrets' own entropy it cannot be guessed from the digest, and a new one needs a new file.
  const digest = createHash("sha256")
    .update(JSON.stringify([content, passphrase]))
    .digest("hex");
  const before = readText(path);
  if (before !== undefined && DIGEST.exec(before)?.[1] === digest) return false;
  const { salt, encrypt } = await pulumiEncrypter(passphrase, saltIn(before));
  const secrets = Object.entries(content.secrets).map(([name, value]) => [name, { secure: encrypt(value) }]);
  const plain = Object.entries(content.plain).map(([name, value]) => [`sitefleet:${name}`, value]);
  // Keys that people added (another target, a flag) stay.
  const added = Object.entries(configOf(before)).filter(
    ([name, value]) => !isSecure(value) && name !== "sitefleet:secrets",
  );
  const document = {
    encryptionsalt: salt,
    config: {
      ...Object.fromEntries(added),
      ...Object.fromEntries(plain),
      "sitefleet:secrets": Object.fromEntries(secrets),
    },
  };
  writeAtomic(path, `# ${FILE_NOTE}\n# content: ${digest}\n${stringify(document, { lineWidth: 0 })}`);
  return true;
}

/** The file's `encryptionsalt`; empty when there is none. */
function saltIn(text: string | undefined): string {
  const salt = fileOf(text).encryptionsalt;
  return typeof salt === "string" ? salt : "";
}

function configOf(text: string | undefined): Record<string, unknown> {
  const { config } = fileOf(text);
  return typeof config === "object" && config !== null ? { ...config } : {};
}

function fileOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const file: unknown = parse(text);
    return typeof file === "object" && file !== null ? { ...file } : {};
  } catch {
    return {};
  }
}

function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
