import type { z } from "zod";
import type { CellName } from "./cells.ts";
import type { Checks } from "./check-types.ts";
import type { Framework } from "./frameworks.ts";
import type { Frozen } from "./frozen.ts";
import type { RolloutRules } from "./rollout-types.ts";
import type { Rotation, RotationRules } from "./rotation.ts";
import type { Service } from "./service-types.ts";
import type { Approver, Gates } from "./shape/gates.ts";
import type { HostShape } from "./shape/hosts.ts";
import type { LimitShape } from "./shape/limits.ts";
import type { Prices } from "./shape/prices.ts";
import type { Quality } from "./shape/quality.ts";
import type { ReleaseShape } from "./shape/releases.ts";
import type { RecordShape, ZoneShape } from "./shape/zones.ts";

// The catalog as the rest of sitefleet has it. What a file's shape says already is taken from there.

/** A DNS record that the catalog declares. */
export type DnsRecord = Frozen<z.output<typeof RecordShape>> & {
  /** The full name, without a trailing dot. */
  readonly host: string;
};
/** An apex domain. */
export type Zone = Frozen<Omit<z.output<typeof ZoneShape>, "records">> & { readonly records: readonly DnsRecord[] };
/** The shared project that answers for every name of a zone that no site has taken. */
export type CatchAll = NonNullable<Zone["catchAll"]>;

/** One name served from Vercel: a row of sites.csv. */
export interface Site {
  /** Relative to the zone, in punycode; `@` is the apex. */
  readonly name: string;
  readonly zone: string;
  /** The full host name. */
  readonly host: string;
  /** A project of its own, or one shared by all sites with the same repository and root directory. */
  readonly project: "own" | "shared";
  /** `owner/name` */
  readonly repository: string;
  /** Relative directory; empty = the repository's root. */
  readonly rootDirectory: string;
  readonly framework: Framework | null;
  readonly channel: string;
  readonly tags: readonly string[];
  /** The cell that it is in: `canary`, else a number, e.g. `07`. */
  readonly cell: CellName;
  /** Line in sites.csv. Moves when rows above change: never put it into desired state. */
  readonly line: number;
}

type WrittenHost = z.output<typeof HostShape>;
/** A host that services are deployed to over SSH. */
export type Host = Frozen<Omit<WrittenHost, "parallel" | "origin">> & {
  /** Services at a time. @default the limit `plesk.ssh-sessions` */
  readonly parallel: number;
  /** What the DNS records of services on this host point at. @default the address */
  readonly origin: { readonly type: "A" | "AAAA" | "CNAME"; readonly content: string };
};

/** A pinned release; repositories in lower case. */
export type Release = Frozen<z.output<typeof ReleaseShape>>;

/** Channel → release. */
export type Releases = Readonly<Record<string, Release>>;

/** A secret of the GitHub environment. */
export interface SecretEntry {
  readonly name: string;
  /** From the stack's configuration, random, of a database user, or set at GitHub by hand. */
  readonly source: "config" | "generated" | "database" | "github";
  /** Random bytes; for `generated`, and for passwords of source `database`. @default 32 */
  readonly bytes?: number;
  /** A fixed value that is not secret, e.g. a port; source `config` only. */
  readonly value?: string;
  /** Source `database`: whose, and which of its two. */
  readonly database?: { readonly service: string; readonly part: "user" | "password" };
  /** Days after which it is too old. @default that of the rules */
  readonly maxAgeDays?: number;
  /** Where its rotation stands. @default the first value is in use */
  readonly rotation?: Rotation;
}

/** The secrets and where they go. */
interface Secrets {
  readonly github: { readonly repository: string; readonly environment: string };
  readonly entries: readonly SecretEntry[];
  /** @default none gets too old, and no account may change others */
  readonly rotation?: RotationRules;
}

type WrittenLimit = Frozen<z.output<typeof LimitShape>>;
/** A limit of a vendor, with where it was read. */
export type Limit = WrittenLimit & Required<Pick<WrittenLimit, "unit">>;

/** All limits. */
export type Limits = readonly Limit[];

/** The desired state. */
export interface Catalog {
  /** The directory it was read from, as given. */
  readonly dir: string;
  /** Number of cells that sites are hashed into. @default 64, what holds without estate.yaml */
  readonly cells: number;
  readonly zones: readonly Zone[];
  readonly sites: readonly Site[];
  /** At least one when there are services; the first is the default. */
  readonly hosts: readonly Host[];
  readonly services: readonly Service[];
  readonly releases: Releases;
  readonly secrets: Secrets;
  readonly limits: Limits;
  /** How sites and services are checked. @default what holds without checks.yaml */
  readonly checks: Checks;
  /** How a release goes out. @default what holds without rollout.yaml */
  readonly rollout: RolloutRules;
  /** What things cost; undefined without prices.yaml. */
  readonly prices?: Prices | undefined;
  /** What must be asked before a change. @default what holds without gates.yaml */
  readonly gates: Gates;
  /** What must be green before and after a deployment; undefined without quality.yaml: nothing is asked. */
  readonly quality?: Quality | undefined;
  /** Who may approve. @default undefined: without approvers.yaml approvals are not asked for */
  readonly approvers?: readonly Approver[] | undefined;
}
