import sodium from "libsodium-wrappers";
import { createContext, type GithubSeed } from "../../../../sandbox/core/index.ts";
import { createGithub } from "../../../../sandbox/github/index.ts";

/** Answer of the API as the tests read it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
  readonly body: any;
}

/** A GitHub vendor called without a network. */
export function github(seed: GithubSeed = {}) {
  const events: string[] = [];
  const context = createContext({
    options: { github: { repositories: ["acme/estate"], ...seed } },
    now: () => Date.UTC(2026, 0, 1),
  });
  context.events.subscribe((event) => events.push(event.type));
  const vendor = createGithub(context);
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer> => {
    const response = await vendor.fetch(
      new Request(`http://sandbox${path}`, {
        method,
        headers: headers ?? { authorization: "Bearer token" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  /** Seals as a client does, and stores the secret. */
  const putSecret = async (base: string, name: string, value: string): Promise<Answer> => {
    const { key, key_id } = (await call("GET", `${base}/public-key`)).body;
    await sodium.ready;
    const sealed = sodium.crypto_box_seal(value, Buffer.from(key, "base64"));
    return call("PUT", `${base}/${name}`, { key_id, encrypted_value: Buffer.from(sealed).toString("base64") });
  };
  return { vendor, call, events, putSecret };
}
