import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { SitefleetError } from "../../../errors/index.ts";
import { isSaltLine, StackKey } from "../../backend/secrets/stack-key.ts";

/** How the stacks' secrets are encrypted, as far as a stack's beginning and the configuration file say. */
export interface EncryptionFacts {
  /** Configuration file, absolute. */
  readonly configFile: string;
  /** Pulumi Cloud keeps the keys itself. */
  readonly keptByBackend: boolean;
  /** Salt of each existing stack that has one: stack → `encryptionsalt`. */
  readonly salts: ReadonlyMap<string, string>;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Whether the configuration file and the passphrase belong to each other and to this estate. The engine does not ask: without
 * a salt it writes a fresh one into the file, and from then on the right passphrase is the wrong one.
 *
 * @returns the key; undefined where it is kept elsewhere, so that nothing can be told from here
 * @throws SitefleetError `settings.file`, `settings.encryption`, `settings.passphrase`
 */
export async function checkEncryption({
  configFile,
  keptByBackend,
  salts,
  env,
}: EncryptionFacts): Promise<StackKey | undefined> {
  const file = readConfigFile(configFile);
  const { encryptionsalt: salt, secretsprovider: provider } = file;
  // A key in a cloud's key service: only that service can tell.
  if (typeof provider === "string" && provider !== "passphrase") return undefined;
  if (salt === undefined && keptByBackend) return undefined;
  if (typeof salt !== "string" || !isSaltLine(salt)) throw noSalt(configFile, salt, salts);
  const foreign = [...salts.values()].length > 0 && ![...salts.values()].includes(salt);
  if (foreign) throw otherSalt(configFile, salts);
  const key = await StackKey.from(passphraseOf(env), salt);
  if (key === undefined) throw wrongPassphrase(configFile, env);
  const sealed = securesIn(file.config, "");
  const closed = sealed.filter(({ text }) => key.open(text) === undefined).map(({ name }) => name);
  if (closed.length > 0) throw otherKey(configFile, closed);
  return key;
}

/** The configuration file's content. @throws SitefleetError `settings.file` */
export function readConfigFile(configFile: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = parse(readFileSync(configFile, "utf8")) ?? {};
    if (typeof content === "object" && !Array.isArray(content)) return content as Record<string, unknown>;
    throw new Error("it holds no keys");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new SitefleetError({
      code: "settings.file",
      message:
        code === "ENOENT"
          ? "the configuration file of all stacks is not there"
          : `cannot be read: ${firstLine(message)}`,
      subject: configFile,
      hint: "--config-file or SITEFLEET_CONFIG_FILE names another; docs/reference/configuration.md says what stands in it",
      cause,
    });
  }
}

const firstLine = (text: string) => text.split("\n")[0] ?? "";

/** Every `secure:` value below a key, with its path. */
function securesIn(value: unknown, name: string): { readonly name: string; readonly text: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "secure" && typeof only[1] === "string") return [{ name, text: only[1] }];
  return entries.flatMap(([key, item]) => securesIn(item, name === "" ? key : `${name}.${key}`));
}

/** @throws SitefleetError `settings.passphrase` when none is set or its file cannot be read */
function passphraseOf(env: NodeJS.ProcessEnv): string {
  const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  // An empty passphrase is a choice too.
  if (text !== undefined) return text;
  if (file) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (cause) {
      const message = `its file cannot be read: ${firstLine((cause as Error).message)}`;
      throw new SitefleetError({
        code: "settings.passphrase",
        message,
        subject: "PULUMI_CONFIG_PASSPHRASE_FILE",
        cause,
      });
    }
  }
  throw new SitefleetError({
    code: "settings.passphrase",
    message: "no passphrase is set; every stack's secrets are encrypted with it",
    subject: "PULUMI_CONFIG_PASSPHRASE",
    hint: "set PULUMI_CONFIG_PASSPHRASE_FILE, or PULUMI_CONFIG_PASSPHRASE (docs/guides/bring-up-an-estate.md)",
  });
}

function noSalt(configFile: string, salt: unknown, salts: ReadonlyMap<string, string>): SitefleetError {
  const [known] = mostCommon(salts);
  return new SitefleetError({
    code: "settings.encryption",
    message:
      salt === undefined
        ? "it has no encryptionsalt: it does not say how secrets are encrypted, and every stack would get a key of its own"
        : "its encryptionsalt is not of the form v1:SALT:v1:NONCE:TEXT",
    subject: configFile,
    hint:
      known === undefined
        ? "make the first stack by hand: pulumi stack init prod (docs/guides/bring-up-an-estate.md)"
        : `put back the line of this estate: encryptionsalt: ${known}`,
  });
}

function otherSalt(configFile: string, salts: ReadonlyMap<string, string>): SitefleetError {
  const [known, stacks = []] = mostCommon(salts);
  return new SitefleetError({
    code: "settings.encryption",
    message: `its encryptionsalt is not the one that ${stacks.length === 1 ? `stack ${stacks[0]} was` : `${stacks.length} stacks were`} encrypted with`,
    subject: configFile,
    details: stacks.slice(0, 3).map((stack) => `stack ${stack}`),
    hint: `it is another estate's file, or a fresh salt was written into it: put back encryptionsalt: ${known}`,
  });
}

function wrongPassphrase(configFile: string, env: NodeJS.ProcessEnv): SitefleetError {
  const from =
    env.PULUMI_CONFIG_PASSPHRASE === undefined ? "PULUMI_CONFIG_PASSPHRASE_FILE" : "PULUMI_CONFIG_PASSPHRASE";
  return new SitefleetError({
    code: "settings.passphrase",
    message: `it does not open ${configFile}`,
    subject: from,
    hint: "take the passphrase that this estate was made with; a new one cannot open what is encrypted",
  });
}

function otherKey(configFile: string, names: readonly string[]): SitefleetError {
  return new SitefleetError({
    code: "settings.encryption",
    message: `${names.length === 1 ? "a value was" : `${names.length} values were`} encrypted with another salt or passphrase`,
    subject: configFile,
    details: names.slice(0, 10),
    hint: "put back the encryptionsalt that they were encrypted with, or set them anew: pulumi config set --secret (docs/guides/bring-up-an-estate.md)",
  });
}

/** The salt that most stacks have, and those. */
function mostCommon(salts: ReadonlyMap<string, string>): [salt?: string, stacks?: string[]] {
  const by = Map.groupBy(salts.keys(), (stack) => salts.get(stack) as string);
  return [...by].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
}
