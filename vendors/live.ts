/** Property values as a stack's export holds them; secrets are objects with a signature and a ciphertext. */
export type Props = Readonly<Record<string, unknown>>;

/** One resource of a stack's state, as far as a vendor looks at it. */
export interface LiveResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string | undefined;
  readonly inputs?: Props | undefined;
  readonly outputs?: Props | undefined;
  /** URN and id of the provider, joined by `::`. */
  readonly provider?: string | undefined;
}

/** An object at a vendor that a resource may stand for. */
export interface Found {
  /** As the state holds it. */
  readonly id: string;
  /** What the provider's importer takes; undefined when the type has none. */
  readonly importId?: string;
  /** Properties that the provider needs to read it, where it has no importer. */
  readonly outputs?: Props;
  /** It matches what is declared. */
  readonly ours: boolean;
  /** Why it is ours, or what tells that it is not; completes "it …". */
  readonly why: string;
  /** The vendor admits only one such object: one that is not ours blocks. False for deployments. */
  readonly unique: boolean;
  /** @default "ready" */
  readonly state?: "ready" | "building" | "failed";
}

/** How a vendor's API is read. */
export interface ReadOptions {
  /** For messages. */
  readonly vendor: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Variable that holds the token. */
  readonly tokenName: string;
  readonly token: string | undefined;
  /** Added to every call. @default none */
  readonly query?: Readonly<Record<string, string>>;
}

/** Reads from a vendor's API; never writes. */
export interface ReadClient {
  /**
   * The JSON of one address; undefined when there is nothing (404).
   *
   * @throws SitefleetError `repair.vendor` when the vendor refuses or does not answer
   */
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>;
}

/** How a resource's own provider is set up, so that a vendor is asked as the provider would ask it. */
export interface Setup {
  /** Tokens and addresses. */
  readonly env: NodeJS.ProcessEnv;
  /** Inputs of the resource's provider in the state. */
  settings(resource: LiveResource): Props;
  /** Opens a vendor's API. */
  connect(options: ReadOptions): ReadClient;
  /** Something that is made once for all questions, by key. */
  once<T>(key: string, make: () => T): T;
}

/** How the objects of one resource type are found at their vendor. */
export interface Live {
  /** The vendor admits any number of the same: a repeat is never refused. @default false */
  readonly nameless?: boolean;
  /** An interrupted update may have changed what is live: the state's entry is compared, also where a repeat is harmless. @default false */
  readonly compare?: boolean;
  /**
   * What the vendor has under the identity that the resource declares, newest first. Undefined: the type's creates need
   * no look, because a repeat is harmless. Answers undefined when the declared properties identify nothing.
   *
   * @throws SitefleetError `repair.vendor`
   */
  readonly find?: (resource: LiveResource, setup: Setup) => Promise<readonly Found[] | undefined>;
  /**
   * Whether the object of a state's entry is still there.
   *
   * @throws SitefleetError `repair.vendor`
   */
  readonly exists?: (resource: LiveResource, setup: Setup) => Promise<boolean>;
}

/** A property as text; undefined when it is missing, a secret or no text. Pure. */
export function textOf(props: Props | undefined, key: string): string | undefined {
  const value = props?.[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A nested object; undefined when it is missing or a secret. Pure. */
export function objectOf(props: Props | undefined, key: string): Props | undefined {
  const value = props?.[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Props) : undefined;
}

/** Any answer as an object, for reading its fields. Pure. */
export function fields(value: unknown): Props {
  return objectOf({ value }, "value") ?? {};
}

/** A list in an answer. Pure. */
export function listOf(value: unknown): readonly Props[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** One part of a path. Pure. */
export const part = (text: string): string => encodeURIComponent(text);

/** An address from the environment, without slashes at its end. Pure. */
export const addressIn = (env: NodeJS.ProcessEnv, variable: string, fallback: string): string =>
  (env[variable] || fallback).replace(/\/+$/, "");
