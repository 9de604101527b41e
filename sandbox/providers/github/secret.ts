import type { Properties, Props, ReadCall } from "../framework/index.ts";
import { defineResource, integer, isObject, string } from "../framework/index.ts";
import type { GithubClient } from "./client.ts";
import { joinId, splitId } from "./ids.ts";
import { environmentByIdPath, goTime, insistently, replaceOnRepository, repositoryId } from "./repository.ts";
import { seal } from "./seal.ts";
import { checkName } from "./secret-name.ts";

const VALUES = ["value", "valueEncrypted", "encryptedValue", "plaintextValue"] as const;

const properties: Properties = {
  repository: string({ required: true }),
  environment: string({ required: true, replaces: true }),
  secretName: string({ required: true, replaces: true, validate: checkName }),
  keyId: string({ computed: true }),
  value: string({ secret: true, writeOnly: true }),
  valueEncrypted: string({ secret: true, writeOnly: true, validate: base64 }),
  encryptedValue: string({ secret: true, writeOnly: true, validate: base64 }),
  plaintextValue: string({ secret: true, writeOnly: true }),
  repositoryId: integer({ output: true }),
  createdAt: string({ output: true }),
  updatedAt: string({ output: true }),
  remoteUpdatedAt: string({ output: true }),
};

/** `github_actions_environment_secret` as of provider 6.13.0 (pulumi-github 6.15.0). */
export const environmentSecret = defineResource<GithubClient>({
  properties,
  deleteBeforeReplace: true,
  check({ inputs, fail }) {
    const given = VALUES.filter((name) => inputs[name] !== undefined);
    const all = VALUES.join(",");
    if (given.length !== 1) {
      const said = given.length === 0 ? "" : ` but \`${given.join(",")}\` were specified`;
      fail("value", `one of \`${all}\` must be specified${said}`);
    }
    if (inputs.keyId !== undefined && inputs.valueEncrypted === undefined) {
      fail("keyId", "`keyId` requires `valueEncrypted` to be specified");
    }
  },
  diff: replaceOnRepository,
  async create({ client, inputs }) {
    const number = await repositoryId(client, inputs.repository);
    const keyId = await put(client, number, inputs);
    const id = joinId(String(inputs.repository), String(inputs.environment), String(inputs.secretName));
    return { id, outputs: { repositoryId: number, keyId, ...(await times(client, number, inputs)) } };
  },
  read,
  async update({ client, inputs, state }) {
    const keyId = await put(client, state.repositoryId, inputs);
    return { keyId, ...(await times(client, state.repositoryId, inputs)) };
  },
  async delete({ client, state }) {
    await insistently(client.send("DELETE", secretPath(state.repositoryId, state)));
  },
});

function base64(value: unknown): string | undefined {
  const text = String(value);
  return Buffer.from(text, "base64").toString("base64") === text ? undefined : "expected value to be a base64 string";
}

function secretPath(repository: unknown, props: Props): string {
  return `${environmentByIdPath(repository, props.environment)}/secrets/${encodeURIComponent(String(props.secretName))}`;
}

// Returns the id of the key it was sealed with. An encrypted value without a key id goes with the current key's.
async function put(client: GithubClient, repository: unknown, inputs: Props): Promise<unknown> {
  const encrypted = inputs.valueEncrypted ?? inputs.encryptedValue;
  let keyId = inputs.keyId;
  let publicKey = "";
  if (keyId === undefined || encrypted === undefined) {
    const key = await client.get(`${environmentByIdPath(repository, inputs.environment)}/secrets/public-key`);
    if (!isObject(key)) throw new Error("the API answered without a public key");
    keyId = key.key_id;
    publicKey = String(key.key);
  }
  const sealed = encrypted ?? (await seal(String(inputs.value ?? inputs.plaintextValue), publicKey));
  await client.send("PUT", secretPath(repository, inputs), { key_id: keyId, encrypted_value: sealed });
  return keyId;
}

// The real provider waits a second before it looks, because GitHub's answer lags; the sandbox's does not.
async function times(client: GithubClient, repository: unknown, inputs: Props): Promise<Props> {
  const body = await client.get(secretPath(repository, inputs)).catch(() => undefined);
  if (!isObject(body)) return {};
  const updatedAt = goTime(body.updated_at);
  return { createdAt: goTime(body.created_at), updatedAt, remoteUpdatedAt: updatedAt };
}

// Values never come back. A refresh only learns when the secret was last changed.
async function read({ client, id, state, importing }: ReadCall<GithubClient>) {
  if (!importing) {
    const body = await client.get(secretPath(state.repositoryId, state));
    const remoteUpdatedAt = goTime(isObject(body) ? body.updated_at : undefined);
    const created = goTime(isObject(body) ? body.created_at : undefined);
    const known = { createdAt: state.createdAt || created, updatedAt: state.updatedAt || remoteUpdatedAt };
    return { id, outputs: { ...state, ...known, remoteUpdatedAt } };
  }
  const [repository, environment, secretName] = splitId(id, 3);
  const address = { repository, environment, secretName };
  const number = await repositoryId(client, repository);
  const body = await client.get(secretPath(number, address));
  if (!isObject(body)) return undefined;
  const updatedAt = goTime(body.updated_at);
  return {
    id,
    outputs: {
      ...address,
      repositoryId: number,
      createdAt: goTime(body.created_at),
      updatedAt,
      remoteUpdatedAt: updatedAt,
    },
  };
}
