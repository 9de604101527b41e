import type { z } from "zod";
import type { HostDraft } from "./assemble/hosts.ts";
import type { Checks } from "./check-types.ts";
import type { Entry, Place } from "./problem.ts";
import type { RolloutRules } from "./rollout-types.ts";
import type { RotationRules } from "./rotation.ts";
import type { Service } from "./service-types.ts";
import type { Estate } from "./shape/estate.ts";
import type { Flows } from "./shape/flows.ts";
import type { Approvers, Gates } from "./shape/gates.ts";
import type { Notify } from "./shape/notify.ts";
import type { Prices } from "./shape/prices.ts";
import type { Quality } from "./shape/quality.ts";
import type { SecretShape } from "./shape/secrets.ts";
import type { Limit, Release, Site, Zone } from "./types.ts";

/** A secret as written. */
export type SecretDraft = z.infer<typeof SecretShape>;

/**
 * What could be read of a catalog. A file that could not be read is undefined, an entry that is not valid is left out. Rules run on
 * the rest, so that one mistake does not hide another.
 */
export interface Draft {
  readonly dir: string;
  readonly estate: Estate;
  readonly zones?: readonly Entry<Zone>[];
  /** Names of all zones that are written, valid otherwise or not: a reference to one of them is not reported. */
  readonly zoneNames?: ReadonlySet<string>;
  readonly sites?: readonly Entry<Site>[];
  /** Repositories of all rows that are written, in lower case. */
  readonly siteRepositories?: ReadonlySet<string>;
  /** Was nothing wrong in sites.csv? */
  readonly sitesComplete?: boolean;
  readonly services?: readonly Entry<Service>[];
  /** Was every written service valid by itself? */
  readonly servicesComplete: boolean;
  readonly hosts?: readonly Entry<HostDraft>[];
  /** Keys of all hosts that are written, valid otherwise or not. */
  readonly hostKeys?: ReadonlySet<string>;
  readonly releases?: readonly Entry<{ readonly channel: string; readonly release: Release }>[];
  /** All channels that are written. */
  readonly channels?: ReadonlySet<string>;
  readonly secrets?: readonly Entry<SecretDraft>[];
  readonly secretNames?: ReadonlySet<string>;
  readonly github?: { readonly repository: string; readonly environment: string };
  readonly rotation?: RotationRules;
  readonly checks?: Entry<Checks>;
  readonly rollout?: Entry<RolloutRules>;
  readonly flows?: Entry<Flows> | undefined;
  readonly notify?: Entry<Notify> | undefined;
  readonly prices?: Entry<Prices>;
  readonly gates?: Entry<Gates> | undefined;
  readonly quality?: Entry<Quality> | undefined;
  readonly approvers?: Entry<Approvers> | undefined;
  readonly limits?: readonly Entry<Limit>[];
  /** Ids of all limits that are written. */
  readonly limitIds?: ReadonlySet<string>;
  /** Where to report that a limit is missing. */
  readonly limitsPlace?: Place;
}
