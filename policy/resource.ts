/** Stands in for a value that the engine keeps as a secret. */
export const SECRET = Symbol("secret");
/** Stands in for a value that is not known before the update. */
export const UNKNOWN = Symbol("unknown");

/** A resource as a program declares it. */
export interface Resource {
  /** Pulumi type, e.g. `cloudflare:index/dnsRecord:DnsRecord`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Inputs; {@link SECRET} and {@link UNKNOWN} stand for values that rules do not see. */
  readonly props: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  /** Type of the component it belongs to; empty for none. */
  readonly parent: string;
}

/** What rules know beside the resource. */
export interface Context {
  /** Names of the declared zones. */
  readonly zones: readonly string[];
  /** Those of them in which a wildcard answers. */
  readonly wildcards: ReadonlySet<string>;
  /** Hosts of all sites. */
  readonly sites: readonly string[];
  /** Vercel projects of sites with the tag `private`. */
  readonly privateProjects: ReadonlySet<string>;
  /** Paid settings that were approved, each `logical name/setting`. */
  readonly approved: ReadonlySet<string>;
}

/** A rule about one resource. */
export interface Rule {
  /** Its id, and the policy's name in Pulumi. */
  readonly id: string;
  /** What holds, in a sentence. */
  readonly description: string;
  /** What to write instead. */
  readonly instead: string;
  /** What is wrong with a resource, a sentence each; none when nothing is. Pure. */
  check(resource: Resource, context: Context): readonly string[];
}

/** Every text among some inputs with its path. Pure. */
export function textsIn(value: unknown, path = ""): { readonly path: string; readonly text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, path === "" ? key : `${path}.${key}`));
}

/** The mapping under a key; empty when there is none. Pure. */
export function mapOf(props: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = props[key];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
