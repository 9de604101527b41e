/** How a host's answer is checked. */
export interface Check {
  /** Path that is asked for, with a leading slash; may have a query. @default "/" */
  readonly path: string;
  /** Statuses that pass. @default [200] */
  readonly statuses: readonly number[];
  /** Text that the body must hold; `{host}`, `{ref}` and `{deployment}` stand for what is expected there. @default none */
  readonly marker: string | null;
  /** The host answers with a redirect and nothing else is looked at, e.g. apex → www. @default none */
  readonly redirect: RedirectRule | null;
  /** Must http lead to https at the same host? @default true for sites */
  readonly https: boolean;
  /** Seconds for one answer, from the name to the last byte. @default 10 */
  readonly timeoutSeconds: number;
  /** Tries until one passes. @default 3 */
  readonly tries: number;
  readonly release: ReleaseRule;
  readonly tls: TlsRule;
  readonly slow: SlowRule;
}

/** Where a redirect must lead. */
interface RedirectRule {
  /** `https://host`, to which the path is added, or a full address. */
  readonly to: string;
  /** @default [301, 308] */
  readonly statuses: readonly number[];
}

/** How an answer says which release it is. What is given is looked for in this order; the first that is there counts. */
interface ReleaseRule {
  /** A header of the answer. @default none */
  readonly header: string | null;
  /** `<meta name="…" content="…">` in the body. @default none */
  readonly meta: string | null;
  /** A path whose body is the release and nothing else. @default none */
  readonly path: string | null;
  /** Does an answer fail that does not say its release? @default false */
  readonly required: boolean;
}

/** What a certificate must hold to. */
interface TlsRule {
  /** Must it be valid for the host and signed by a trusted authority? @default true */
  readonly verify: boolean;
  /** Days that it must still be valid. @default 7: Vercel and Let's Encrypt's clients renew 14 to 30 days before */
  readonly days: number;
}

/** When a host counts as slow against its own median. */
interface SlowRule {
  /** Percent above the median. @default 30 */
  readonly percent: number;
  /** Milliseconds above it, so that a fast host does not count as slow for nothing. @default 100 */
  readonly floorMs: number;
  /** Times that are kept. @default 20 */
  readonly samples: number;
  /** Times that must be known before anything is compared. @default 5 */
  readonly least: number;
  /** Is a slow host a failure, or only noted? @default true */
  readonly fails: boolean;
}

/** A part of a {@link Check}, as a layer of checks.yaml has it. */
export type CheckLayer = {
  readonly [Key in keyof Check]?:
    | (Key extends "release" | "tls" | "slow" ? Partial<Check[Key]> : Check[Key])
    | undefined;
};

/** Where from, and on which way, hosts are asked. */
export interface Vantage {
  readonly name: string;
  /** In place of what DNS says: `host`, `host:port`, `http://host:port`, or `PORT=host:port,…` by the port that is asked for. */
  readonly address?: string;
  /** HTTP proxy, `http(s)://host:port`. */
  readonly proxy?: string;
  /** Name of the environment variable with the proxy's `user:password`. */
  readonly proxyLogin?: string;
  /** Name servers that are asked. @default the machine's */
  readonly resolvers?: readonly string[];
}

/** checks.yaml: layers from the general to the special. */
export interface Checks {
  readonly defaults: CheckLayer;
  /** By kind of project. */
  readonly projects: Readonly<Record<string, CheckLayer>>;
  /** By kind of service. */
  readonly kinds: Readonly<Record<string, CheckLayer>>;
  /** By zone, sites and services alike. */
  readonly zones: Readonly<Record<string, CheckLayer>>;
  /** By host. */
  readonly sites: Readonly<Record<string, CheckLayer>>;
  /** By key. */
  readonly services: Readonly<Record<string, CheckLayer>>;
  /** Deployments on their own address. */
  readonly deployments: CheckLayer;
  /** @default one, `here` */
  readonly vantages: readonly Vantage[];
}
