import type { ServiceSpec } from "../../components/plesk-service/document.ts";
import type { SharedProjectSpec } from "../../components/shared-project/plan.ts";
import type { SiteProject } from "../../components/vercel-site/plan.ts";
import type { ZoneSpec } from "../../components/wildcard-zone/plan.ts";
import type { Host } from "../../model/index.ts";

/** A site of a cell. */
export interface SiteState {
  readonly host: string;
  readonly project: Extract<SiteProject, { kind: "own" }> | { readonly kind: "shared"; readonly name: string };
  /** Commit of a project of its own. @default what is live stays */
  readonly commit?: string;
  /** How a deployment of it is checked before it is promoted; only of a project of its own. @default the component's */
  readonly check?: SiteCheck;
}

/** A check of a deployment, with what differs from `ReleaseCheck`'s defaults. */
export interface SiteCheck {
  readonly path: string;
  readonly statuses: number[];
  readonly marker?: string;
  readonly tries: number;
  readonly timeoutSeconds: number;
  readonly release?: {
    readonly header?: string;
    readonly meta?: string;
    readonly path?: string;
    readonly required?: boolean;
  };
  readonly verifyTls?: false;
  readonly slow?: {
    readonly percent: number;
    readonly floorMs: number;
    readonly least: number;
    readonly fails: boolean;
  };
  readonly inconclusive: "promote";
}

/** Desired state of a cell. */
export interface CellState {
  readonly kind: "cell";
  readonly sites: readonly SiteState[];
}

/** A secret of the environment and where its value comes from. */
export type SecretState =
  /** From the stack's configuration; `value` is taken where that has none. */
  | { readonly name: string; readonly source: "config"; readonly value?: string }
  | {
      readonly name: string;
      readonly source: "fixed";
      readonly value: string;
      /** Name of a rotated password that it belongs to. @default it stands for itself */
      readonly follows?: string;
    }
  | {
      readonly name: string;
      readonly source: "generated";
      readonly bytes: number;
      readonly encoding: "base64" | "hex";
      /** Which of its values is in use. @default 1, the first */
      readonly generation?: number;
      /** Another value that exists beside it. @default none */
      readonly other?: number;
    };

/** Desired state of the shared stack. */
export interface SharedState {
  readonly kind: "shared";
  readonly projects: readonly SharedProjectSpec[];
  readonly zones: readonly ZoneSpec[];
  readonly environment: {
    /** User or organisation that owns the repository. */
    readonly owner: string;
    /** Its name without the owner. */
    readonly repository: string;
    readonly environment: string;
    readonly secrets: readonly SecretState[];
  };
}

/** How a service's database is reached: all names of secrets, but what a host says of its own server. */
export interface AccessState {
  /** `host`: the host's own server. Else names of secrets; `port` is taken where the configuration has none. */
  readonly server: "host" | { readonly addressSecret: string; readonly portSecret: string; readonly port: number };
  readonly userSecret: string;
  readonly passwordSecret: string;
}

/** A service. */
export interface ServiceState extends ServiceSpec {
  /** Key of its host. */
  readonly server: string;
  /** What its DNS record says. */
  readonly origin: Host["origin"];
  readonly proxied: boolean;
  /** Zone whose id at the DNS vendor the record needs; undefined for zones of mode `skip`. */
  readonly zone?: string;
  /** The zone's DNS vendor. @default the catalog's */
  readonly dns?: string;
  readonly access?: AccessState;
}

/** Desired state of the Plesk stack. */
export interface PleskState {
  readonly kind: "plesk";
  /** The hosts that services are on, as the catalog has them. */
  readonly hosts: readonly Host[];
  readonly services: readonly ServiceState[];
}

/** Desired state of one stack: everything of the catalog that its program reads. */
export type StackState = CellState | SharedState | PleskState;

/** What is known about a service's built artifact. */
export interface ArtifactInfo {
  /** As the driver gets it: `catalog/…`, wherever the catalog lies. */
  readonly dir: string;
  /** sha-256 of its content. */
  readonly digest: string;
}
