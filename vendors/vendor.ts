import type { Undeclared } from "../components/undeclared/types.ts";
import type { Adoptable } from "./adoptable.ts";
import type { Alerts, Grades } from "./alerts.ts";
import type { Api } from "./api.ts";
import type { Billing } from "./billing.ts";
import type { Calls } from "./calls.ts";
import type { Account } from "./checkup.ts";
import type { Workflows } from "./ci.ts";
import type { Comments } from "./comments.ts";
import type { DnsVendor } from "./dns.ts";
import type { History } from "./history.ts";
import type { Hosting } from "./hosting.ts";
import type { Scanner } from "./inventory.ts";
import type { Issues } from "./issues.ts";
import type { Limits } from "./limits.ts";
import type { Live, LiveResource } from "./live.ts";
import type { Noise } from "./noise.ts";
import type { Pulls } from "./pulls.ts";
import type { Reviews } from "./reviews.ts";
import type { Role } from "./role.ts";
import type { SecretStore } from "./secrets.ts";
import type { Credentials, Setting, VendorProvider } from "./setup.ts";
import type { Statuses } from "./statuses.ts";

export type { Role } from "./role.ts";

/** What is lost with an object, in words for the reader of a review. */
interface Losses {
  /** It is deleted or replaced, and made again later. @default nothing is lost */
  readonly gone?: string;
  /** It is updated, and goes back later. @default nothing is lost */
  readonly changed?: string;
}

/** What is known of one resource type. */
export interface ResourceType {
  readonly role: Role;
  /** The calls that its provider makes. @default it costs nothing */
  readonly calls?: Calls;
  /** @default nothing is lost */
  readonly losses?: Losses;
  /** How its objects are found at the vendor. @default they are not looked for */
  readonly live?: Live;
  /** Differences that are none: spellings of one value that the vendor or its provider makes. @default none are known */
  readonly noise?: readonly Noise[];
  /** The object's id in a scan. Pure. @default the last part of its id in the state */
  readonly seenId?: (resource: LiveResource) => string;
  /** How its provider reads an object that no state has. @default it cannot be taken over */
  readonly adopt?: Adoptable;
  /**
   * Its create can be done again and gives the same: it is a PUT or PATCH, deterministic, or idempotent by our own making.
   * @default false
   */
  readonly repeatable?: boolean;
  /** Each optional input, what the provider sends when it is not declared, and what is done about it. @default nothing is known */
  readonly undeclared?: Readonly<Record<string, Undeclared>>;
}

/** All that is known of one vendor. `index.ts` has the list. */
export interface Vendor {
  /** One word, as limits.yaml and zones.yaml write it. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** By Pulumi package: the first part of its types' tokens. */
  readonly providers: Readonly<Record<string, VendorProvider>>;
  /** By Pulumi's type token, e.g. `example:index/record:Record`. */
  readonly types: Readonly<Record<string, ResourceType>>;
  /** Roles of types that are not listed, by a pattern of their tokens; the first that fits. @default none has a role */
  readonly others?: readonly (readonly [pattern: RegExp, role: Role])[];
  /** Where its API is and how it is called through the gateway of budgets. @default it has none that is budgeted */
  readonly api?: Api;
  /** @default none is known */
  readonly limits?: Limits;
  /** @default it needs none */
  readonly settings?: readonly Setting[];
  /** @default it needs none */
  readonly credentials?: Credentials;
  /** For a vendor that zones can be at. */
  readonly dns?: DnsVendor;
  /** For the vendor that builds and serves the sites. */
  readonly hosting?: Hosting;
  /** For a vendor whose charges and messages about spending are read. */
  readonly billing?: Billing;
  /** What it says of the account behind a token; loaded only then. @default it is not asked */
  readonly account?: () => Promise<Account>;
  /** How all that it has is read, for taking over what exists. @default it is not */
  readonly scan?: Scanner;
  /** Who has done what lately. @default it does not tell */
  readonly history?: History;
  /** How it takes changes for review. @default it takes none */
  readonly pulls?: Pulls;
  /** How it keeps issues. @default it has none */
  readonly issues?: Issues;
  /** How it keeps one text of ours on a change. @default it does not */
  readonly comments?: Comments;
  /** How its CI runs an estate; loaded when it is asked for. @default it has none */
  readonly workflows?: () => Promise<Workflows>;
  /** How it shows runs beside the commits that they carry out. @default it does not */
  readonly statuses?: Statuses;
  /** How it tells what people have said of a change. @default it does not */
  readonly reviews?: Reviews;
  /** Alerts that it raises of repositories. @default it raises none */
  readonly alerts?: Alerts;
  /** How it grades code. @default it does not */
  readonly grades?: Grades;
  /** How it keeps secrets for jobs. @default it keeps none */
  readonly secrets?: SecretStore;
}
