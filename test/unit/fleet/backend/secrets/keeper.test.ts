import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  isClosedWith,
  KEEPER,
  keeperConfig,
  keeperEnv,
  staysClosed,
  withPassphrase,
} from "../../../../../fleet/backend/secrets/keeper.ts";
import { StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";

// What breaks when these fail: an engine cannot open a stack's secrets, or a state names a vault that is gone after the run.

const KEY = StackKey.unpacked({ salt: "v1:AA+A/A=:v1:B:C==", key: Buffer.alloc(32, 7).toString("base64") });
const PASSPHRASE = { type: "passphrase", state: { salt: KEY.salt } };

describe("a configuration for an engine that has the key from the run", () => {
  it.each([
    `encryptionsalt: ${KEY.salt}\nconfig:\n  a: 007\n`,
    `# ours\nconfig:\n  a: 007\nencryptionsalt: "${KEY.salt}"  # mine\n`,
    `secretsprovider: passphrase\nencryptionsalt: '${KEY.salt}'\nconfig:\n  a: 007`,
    `# was encryptionsalt: ${KEY.salt}\n"secretsprovider" : passphrase\nencryptionsalt: ${KEY.salt}\nconfig:\n  a: 007\n`,
    `secretsprovider: default\r\nencryptionsalt: ${KEY.salt}\r\nconfig:\r\n  a: 007\r\n`,
  ])("names the run's service in the place of the salt, and all else is the same (%j)", (text) => {
    const config = keeperConfig(text, KEY) ?? "";
    expect(config).toContain("a: 007");
    const { url, encryptedkey } = KEEPER.state;
    expect(parse(config)).toEqual({ secretsprovider: url, encryptedkey, config: { a: 7 } });
  });

  it.each([
    "config:\n  a: 1\n",
    "encryptionsalt: v1:OTHER:v1:B:C\n",
    `{encryptionsalt: "${KEY.salt}", config: {}}`,
    `encryptionsalt:\n  ${KEY.salt}\n`,
    `config:\n  encryptionsalt: ${KEY.salt}\n`,
    `encryptionsalt: ${KEY.salt}\nencryptionsalt: ${KEY.salt}\n`,
  ])("is left to the engine where the salt is not found (%j)", (text) => {
    expect(keeperConfig(text, KEY)).toBeUndefined();
  });

  it("has the engine ask this service, whatever vault the environment names", () => {
    const service = { url: "http://127.0.0.1:1", token: "t" };
    const asked = { VAULT_SERVER_URL: service.url, VAULT_SERVER_TOKEN: "t" };
    expect(keeperEnv(service, { HOME: "/root" })).toEqual(asked);
    const theirs = {
      VAULT_SERVER_URL: "https://vault.example",
      VAULT_CACERT: "/none",
      VAULT_PROXY_ADDR: "http://proxy",
    };
    expect(keeperEnv(service, { ...theirs, PULUMI_CLOUD_SECRET_OVERRIDE: "awskms://other" })).toEqual({
      ...asked,
      VAULT_CACERT: "",
      VAULT_PROXY_ADDR: "",
      PULUMI_CLOUD_SECRET_OVERRIDE: "",
    });
  });
});

describe("a step of such an engine", () => {
  it("is kept as one of an engine that made the key", () => {
    expect(withPassphrase({ secretsProvider: KEEPER }, KEY)).toEqual({ secretsProvider: PASSPHRASE });
    const snapshot = { secrets_providers: KEEPER, resources: [] };
    expect(withPassphrase({ newSnapshot: snapshot }, KEY)).toEqual({
      newSnapshot: { ...snapshot, secrets_providers: PASSPHRASE },
    });
  });

  it.each<Parameters<typeof withPassphrase>[0]>([
    {},
    { secretsProvider: null, newSnapshot: null },
    { newSnapshot: {} },
    { secretsProvider: PASSPHRASE },
  ])("stays as it is where it names no vault of ours (%j)", (entry) => {
    expect(withPassphrase(entry, KEY)).toEqual(entry);
  });
});

it("an update tells its steps alone only where it closes no secret with another key", () => {
  const state = (provider?: unknown) => JSON.stringify({ checkpoint: { latest: { secrets_providers: provider } } });
  const config = `encryptionsalt: "${KEY.salt}"\n`;
  expect(staysClosed(state(PASSPHRASE), config)).toBe(true);
  expect(staysClosed(state(), config), "it holds nothing yet").toBe(true);
  expect(staysClosed(state({ type: "service", state: { owner: "o" } }), "config: {}\n")).toBe(true);
  expect(staysClosed(state(PASSPHRASE), `# ${config}encryptionsalt: v1:BBBB:v1:B:C\n`)).toBe(false);
  const vault = { type: "cloud", state: { url: "awskms://k", encryptedkey: "QUJD" } };
  expect(staysClosed(state(vault), "secretsprovider: awskms://k\nencryptedkey: QUJD\n")).toBe(true);
  expect(staysClosed(state(vault), config)).toBe(false);
});

it("a state that another key has closed is left to the engine", () => {
  expect(isClosedWith(PASSPHRASE, KEY)).toBe(true);
  expect(isClosedWith({ type: "passphrase", state: { salt: "v1:BBBB:v1:B:C" } }, KEY)).toBe(false);
  expect(isClosedWith({ type: "cloud", state: {} }, KEY)).toBe(false);
  expect(isClosedWith(undefined, KEY)).toBe(false);
});
