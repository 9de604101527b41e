import { ORGANIZATION, PROJECT_NAME } from "../store/project.ts";
import type { StackKey } from "./stack-key.ts";

// The engine asks a service's own secrets manager for each secret, and makes no key then. What it closed stands in states in base64
// (pkg/secrets/service/manager.go, 3.276); on disk is the form of the passphrase's manager, always.

/** What marks a secret among a resource's properties (sdk/go/common/resource/properties.go: SigKey, SecretSig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
const fromBase64 = (text: string) => Buffer.from(text, "base64").toString("utf8");

/** A state with each secret as a service closes them. Pure. */
export const inServiceForm = (state: unknown) => changed(state as Json, base64);

/** A plan (apitype.DeploymentPlanV1) with each secret as the passphrase's manager closes them, also those of its configuration. Pure. */
export function planInPassphraseForm(plan: { readonly config?: Readonly<Record<string, unknown>> }): unknown {
  const config = Object.entries(plan.config ?? {}).map(([key, value]) => {
    const { secure } = (value ?? {}) as { secure?: unknown };
    return [key, typeof secure === "string" ? { secure: fromBase64(secure) } : value];
  });
  return changed({ ...plan, ...(plan.config && { config: Object.fromEntries(config) }) } as Json, fromBase64);
}

/** What a state says of who closes its secrets when a service does. Pure. @param url of the service */
export function serviceProvider(stack: string, url: string) {
  return { type: "service", state: { url, owner: ORGANIZATION, project: PROJECT_NAME, stack } };
}

/** Whether a state's secrets are closed with this key: others are left to the engine. Pure. */
export function isClosedWith(provider: unknown, key: StackKey): boolean {
  const { type, state } = (provider ?? {}) as { type?: string; state?: { salt?: string } };
  return type === "passphrase" && state?.salt === key.salt;
}

/** What the engine asks a service about secrets, on the path of a stack: its requests and answers carry bytes in base64. */
export const secretsAnswers = (key: StackKey) => ({
  encrypt: ({ plaintext }: { readonly plaintext: string }) => ({
    ciphertext: base64(key.close(fromBase64(plaintext))),
  }),
  "batch-encrypt": ({ plaintexts }: { readonly plaintexts: readonly string[] }) => ({
    ciphertexts: plaintexts.map((text) => base64(key.close(fromBase64(text)))),
  }),
  decrypt: ({ ciphertext }: { readonly ciphertext: string }) => ({ plaintext: base64(opened(key, ciphertext)) }),
  "batch-decrypt": ({ ciphertexts }: { readonly ciphertexts: readonly string[] }) => ({
    plaintexts: Object.fromEntries(ciphertexts.map((text) => [text, base64(opened(key, text))])),
  }),
});

function opened(key: StackKey, ciphertext: string): string {
  const text = key.open(fromBase64(ciphertext));
  if (text === undefined) throw new Error("a secret was closed with another key");
  return text;
}

/** Untouched parts stay the same objects. */
function changed(value: Json, change: (ciphertext: string) => string): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => changed(item, change));
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  const map = value as { readonly [key: string]: Json };
  if (map[SIGNATURE] === SECRET && typeof map.ciphertext === "string")
    return { ...map, ciphertext: change(map.ciphertext) };
  let other: Record<string, Json> | undefined;
  for (const [key, item] of Object.entries(map)) {
    const now = changed(item, change);
    if (now !== item) other = { ...(other ?? map), [key]: now };
  }
  return other ?? map;
}
