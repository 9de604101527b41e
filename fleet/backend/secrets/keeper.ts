import type { StackKey } from "./stack-key.ts";

// The engine makes the key of a passphrase itself: a quarter of a second of a processor, in each process. It takes a key as it is from a
// vault (pkg/secrets/cloud, 3.276), and closes secrets with it exactly as with one of a passphrase (config.NewSymmetricCrypter). So a
// service of the run is that vault, and the run makes the key once. On disk stands the passphrase's manager, always.

/** The vault's name of the key. */
const NAME = "sitefleet";
const URL = `hashivault://${NAME}`;
/** What would be the key in the vault's own form: the service needs none. */
const ENCRYPTED_KEY = Buffer.from("the run's", "utf8").toString("base64");

/** What a state says of who closes its secrets while the engine has the key from the service. */
export const KEEPER = { type: "cloud", state: { url: URL, encryptedkey: ENCRYPTED_KEY } } as const;

/** Path of what an engine asks for the key. */
export const KEEPER_PATH = `/v1/transit/decrypt/${NAME}`;

/** Header with the token of who asks. */
export const KEEPER_HEADER = "x-vault-token";

/** What the engine is told of the key (Vault's answer to `transit/decrypt`). */
export const keeperAnswer = (key: StackKey) => ({ data: { plaintext: key.packed().key } });

/** What has the engine ask the service. @param env that of the engine */
export const keeperEnv = (service: { readonly url: string; readonly token: string }, env: NodeJS.ProcessEnv) => ({
  // A vault that a person works with: its proxy, certificates and limits hold for every vault, and a wrong one of them for each start.
  ...Object.fromEntries(Object.keys(env).flatMap((name) => (/^VAULT_/.test(name) ? [[name, ""]] : []))),
  VAULT_SERVER_URL: service.url,
  VAULT_SERVER_TOKEN: service.token,
  // Means another vault than the one that the file names.
  ...(env.PULUMI_CLOUD_SECRET_OVERRIDE && { PULUMI_CLOUD_SECRET_OVERRIDE: "" }),
});

const SALTS = /^encryptionsalt:.*$/gm;
/** The engine takes no name twice, however it is written. */
const OTHERS = /^(["']?)(?:secretsprovider|encryptedkey)\1\s*:.*$/gm;

/**
 * A stack's configuration for an engine that has the key from the service; all else stays to the letter. Pure.
 *
 * @param text of the configuration file
 * @returns undefined when the key's salt does not stand in it on a line of its own: then the engine makes the key
 */
export function keeperConfig(text: string, key: StackKey): string | undefined {
  const salts = text.match(SALTS) ?? [];
  const [line = ""] = salts;
  if (salts.length !== 1 || /^encryptionsalt:\s*(["']?)(\S*)\1\s*(?:#.*)?$/.exec(line)?.[2] !== key.salt)
    return undefined;
  const own = `secretsprovider: ${URL}\nencryptedkey: ${ENCRYPTED_KEY}`;
  return text.replace(OTHERS, "#").replace(SALTS, () => own);
}

/**
 * Whether an update of a state closes secrets with the key that they are closed with. Where the key is another one every secret is closed
 * anew, and an engine that tells only its steps leaves those that it has not come to yet as they were: no key opens all of them. Pure.
 *
 * @param state its file's text
 * @param config the configuration file's text
 */
export function staysClosed(state: string, config: string): boolean {
  const provider = JSON.parse(state)?.checkpoint?.latest?.secrets_providers?.state as
    | Record<string, unknown>
    | undefined;
  const said = config.replace(/^\s*#.*$/gm, "");
  return [provider?.salt, provider?.encryptedkey].every((mark) => typeof mark !== "string" || said.includes(mark));
}

/** Whether a state's secrets are closed with this key: others are left to the engine. Pure. */
export function isClosedWith(provider: unknown, key: StackKey): boolean {
  const { type, state } = (provider ?? {}) as { type?: string; state?: { salt?: string } };
  return type === "passphrase" && state?.salt === key.salt;
}

/** What a step of the engine's journal says of who closes the stack's secrets. */
interface Told {
  readonly secretsProvider?: unknown;
  readonly newSnapshot?: { readonly secrets_providers?: unknown } | null;
}

/** A step of an engine that has the key from the service as one that made it would have sent it. Pure. */
export function withPassphrase<Entry extends Told>(entry: Entry, key: StackKey): Entry {
  const provider = (told: unknown) =>
    (told as { readonly type?: unknown }).type === KEEPER.type
      ? { type: "passphrase", state: { salt: key.salt } }
      : told;
  const { secretsProvider, newSnapshot } = entry;
  if (secretsProvider == null && newSnapshot?.secrets_providers == null) return entry;
  return {
    ...entry,
    ...(secretsProvider != null && { secretsProvider: provider(secretsProvider) }),
    ...(newSnapshot?.secrets_providers != null && {
      newSnapshot: { ...newSnapshot, secrets_providers: provider(newSnapshot.secrets_providers) },
    }),
  };
}
