import type { EventBus } from "./events.ts";
import type { VendorName } from "./names.ts";

/** One object a vendor holds, with what identifies it and never a secret value. */
interface InventoryItem {
  /** The id the API knows it by, e.g. `prj_…`, a record's 32 hex digits, an environment's number. */
  readonly id: string;
  /** What people call it: a project's name, a record's host name. */
  readonly name: string;
  /** Further identifying fields (zone, type, content, project …). */
  readonly [field: string]: unknown;
}

/** All objects of a vendor by kind, e.g. `{ projects: […], domains: […] }`. */
export type Inventory = Record<string, InventoryItem[]>;

/** A vendor's API in memory: no port, no clock of its own, no file. */
export interface Vendor {
  readonly name: VendorName;
  /** Answers one call of the API; never throws for what a client can cause. */
  fetch(request: Request): Promise<Response>;
  /** What the vendor holds now, for comparison with a stack's state. */
  inventory(): Inventory;
  /** Everything needed to go on after a restart, as JSON; secret values only as digests. */
  snapshot(): unknown;
  /**
   * What of {@link snapshot} has changed since this was last asked, as JSON; undefined when only a snapshot tells. For
   * a vendor whose state grows with the fleet, so that a change costs its own size and not that of the fleet.
   * @default a snapshot every time
   */
  changes?(): unknown;
  /**
   * Takes over what {@link snapshot} gave, and then what {@link changes} gave, in that order.
   * @throws Error when the state is not one of its own.
   */
  restore(state: unknown, changes?: readonly unknown[]): void;
  /**
   * Route patterns such as `/v9/projects/:id/env`, to count requests by route instead of by address.
   * {@link routesOf} reads them off a hono app. @default every address is counted under `(other)`
   */
  readonly routes?: readonly string[];
}

/** What the sandbox's names resolve to; the Cloudflare vendor is the one that answers. */
export interface DnsView {
  /** Contents of the records at `name` (exact, else the wildcard that covers it), e.g. `lookup("_vercel.qmoney.de", "TXT")`. */
  lookup(name: string, type: string): string[];
}

/** What a vendor gets from the sandbox. */
export interface VendorContext {
  /** Milliseconds since 1970; tests pass a clock of their own. */
  now(): number;
  /** What exists from the start. */
  readonly options: VendorOptions;
  /** Publish and subscribe between vendors and the sandbox's web server. */
  readonly events: EventBus;
  /** To be called after every change of state, so that it is written to disk soon (see `persist`). */
  changed(): void;
  /** The sandbox's DNS, when a Cloudflare vendor runs beside this one. */
  readonly dns?: DnsView;
  /**
   * Told of every secret of a GitHub environment while its value is known; the value is wiped afterwards.
   * @param environment name of the environment
   */
  readonly secretArrived?: (environment: string, name: string, value: Uint8Array) => Promise<void>;
}

/** Seeds: what exists before the first call. Every field has a default, so `{}` is a usable sandbox. */
export interface VendorOptions {
  readonly vercel?: VercelSeed;
  readonly cloudflare?: CloudflareSeed;
  readonly github?: GithubSeed;
  readonly chat?: ChatSeed;
}

/** A Vercel account with one team. */
export interface VercelSeed {
  readonly team?: { readonly id?: string; readonly slug?: string; readonly name?: string };
  /** Accepted bearer tokens. @default any that is not empty */
  readonly tokens?: readonly string[];
  /** Repositories that projects can link, `owner/name`. @default any */
  readonly repositories?: readonly string[];
  /** Wall time of a build in milliseconds, before `READY`. @default 0: ready at once */
  readonly buildMs?: number;
}

/** A Cloudflare account. */
export interface CloudflareSeed {
  /** 32 hex digits. @default a fixed one */
  readonly accountId?: string;
  readonly accountName?: string;
  /** Accepted bearer tokens. @default any that is not empty */
  readonly tokens?: readonly string[];
  /** Zones that exist from the start (mode `existing` in the catalog). */
  readonly zones?: readonly ZoneSeed[];
  /**
   * Plan of a zone created over the API, by name; the real one starts every zone as `free`, and the plan is bought
   * afterwards, which the API calls served here cannot do. @default free
   */
  readonly plans?: Readonly<Record<string, ZonePlan>>;
  /** Records a zone may hold, by plan; the numbers live in catalog/limits.yaml. @default unlimited */
  readonly recordsPerZone?: Partial<Readonly<Record<ZonePlan, number>>>;
  /** Operations one batch may hold, by plan; the numbers live in catalog/limits.yaml. @default unlimited */
  readonly batchOperations?: Partial<Readonly<Record<ZonePlan, number>>>;
}

/** Cloudflare's plans as the catalog names them. */
export type ZonePlan = "free" | "pro" | "business" | "enterprise";

/** A zone that exists from the start. */
export interface ZoneSeed {
  readonly name: string;
  /** 32 hex digits. @default derived from the name, so it is the same on every machine */
  readonly id?: string;
  /** @default free */
  readonly plan?: ZonePlan;
}

/** A GitHub host. */
export interface GithubSeed {
  /** Login of the token's user. @default sitefleet-bot */
  readonly login?: string;
  /** Organisations; owners of repositories are added by themselves. */
  readonly organizations?: readonly string[];
  /** Repositories, `owner/name`, and whether they are private. */
  readonly repositories?: readonly (string | { readonly name: string; readonly private?: boolean })[];
  /** Accepted bearer tokens. @default any that is not empty */
  readonly tokens?: readonly string[];
  /** Secrets an environment may hold; the number lives in catalog/limits.yaml. @default unlimited */
  readonly secretsPerEnvironment?: number;
  /** Bytes a secret may have; the number lives in catalog/limits.yaml. @default unlimited */
  readonly secretBytes?: number;
}

/** Chat receivers. */
export interface ChatSeed {
  /** Channels of the Slack workspace that exist. @default general, deployments, alerts */
  readonly channels?: readonly string[];
  /** Messages kept. @default 1000 */
  readonly keep?: number;
}
