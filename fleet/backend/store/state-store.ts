import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { readBackendUrl, withoutPasswords } from "./backend-url.ts";
import { directoryStore } from "./directory-store.ts";
import { fileBackend } from "./file-backend.ts";
import { type Store, within } from "./store.ts";

/** Folder of our own objects in a bucket or table, beside the engine's `.pulumi/`. */
export const OUR_PREFIX = ".sitefleet/";

const opened = new Map<string, Promise<Store>>();

/**
 * The store that all machines of a backend share: the bucket or table that holds the engine's state. Undefined where there
 * is none for our own objects: a directory is shared by itself, and Pulumi Cloud, Google's and Azure's stores hold the
 * engine's state only. The client is loaded when it is first needed.
 *
 * @throws SitefleetError `environment.invalid` when SITEFLEET_STATE_URL names something else than a bucket or a database
 */
export function stateStore(env: NodeJS.ProcessEnv = environment()): Promise<Store> | undefined {
  const own = env.SITEFLEET_STATE_URL;
  if (!own) return open(env.PULUMI_BACKEND_URL ?? "", env);
  const store = open(own, env);
  if (store) return store;
  throw new SitefleetError({
    code: "environment.invalid",
    message: `no place for what machines share: ${withoutPasswords(own)}`,
    subject: "SITEFLEET_STATE_URL",
    hint: "it takes s3://… or postgres://…; docs/reference/backends.md has the forms",
  });
}

/**
 * Where our own objects are, with keys like `rollouts/one.json`: a folder of what machines share, else the state directory. It
 * is the same whatever holds them.
 *
 * @param dir state directory
 * @param shared see {@link stateStore}
 */
export function ownStore(dir: string, shared: Store | undefined): Store {
  return shared ? within(shared, OUR_PREFIX) : directoryStore(dir);
}

/**
 * Where the engine keeps its stacks, histories and locks, with keys like `.pulumi/stacks/sitefleet/prod.json`: a directory,
 * bucket or table. Undefined where it cannot be read from here: Pulumi Cloud, Google's and Azure's stores.
 */
export function engineStore(env: NodeJS.ProcessEnv = environment()): Promise<Store> | undefined {
  const dir = fileBackend(env);
  return dir === undefined ? open(env.PULUMI_BACKEND_URL ?? "", env) : Promise.resolve(directoryStore(dir));
}

/** What a client takes from the environment beside the address: two operations may log in differently at one address. */
const loginOf = (env: NodeJS.ProcessEnv): string =>
  JSON.stringify(
    Object.entries(env)
      .filter(([name]) => /^(AWS_|PG[A-Z]|HOME$)/.test(name))
      .sort(),
  );

function open(url: string, env: NodeJS.ProcessEnv): Promise<Store> | undefined {
  const address = readBackendUrl(url);
  if (address.kind !== "s3" && address.kind !== "postgres") return undefined;
  const key = `${url}\n${loginOf(env)}`;
  const known = opened.get(key);
  if (known) return known;
  const store =
    address.kind === "s3"
      ? import("./s3-store.ts").then(({ s3Store }) => s3Store(address, env))
      : import("./postgres-store.ts").then(({ postgresStore }) => postgresStore(address));
  opened.set(key, store);
  return store;
}
