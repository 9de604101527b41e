import type { Values } from "./values.ts";

/** A vendor for one provider's rows, with nothing in it but what the rows need. */
export interface World {
  /** Environment that points the provider at the vendor. */
  readonly env: Readonly<Record<string, string>>;
  /** What the real plugin needs besides, e.g. a proxy. @default nothing */
  readonly realEnv?: Readonly<Record<string, string>>;
  /** The stack's configuration, e.g. `github:writeDelayMs`. @default none */
  readonly config?: Readonly<Record<string, string>>;
  /** Names and numbers that the rows refer to (zone id, repository, directory …). */
  readonly facts: Readonly<Record<string, string>>;
  /** A call to the vendor's API from outside, with its body parsed. */
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Lets a minute pass at the vendor, for what only a later time shows. @default nothing */
  later?(): void;
  /** Objects that exist now, by kind, without what existed from the start. */
  leftovers(): readonly string[];
  stop(): Promise<void>;
}

/** Calls an API with a bearer token. @throws Error for any answer but 2xx */
export async function callApi(
  base: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : (JSON.parse(text) as Values);
}
