import type { CdnSpec, Dns } from "../components/dns/dns.ts";
import type { RecordSpec } from "../components/dns/plan.ts";
import type { Props } from "./live.ts";
import type { SettingValues } from "./setup.ts";

/** A vendor that zones can be at. Its types have the roles `zone`, `record` and, with a CDN, `zone-setting`. */
export interface DnsVendor {
  /** Pulumi package of its provider. */
  readonly provider: string;
  /** Makes zones and records; the SDK is loaded only then. */
  load(settings: SettingValues): Promise<Dns>;
  /** The record that inputs in a state declare, as far as records stand in each other's way. Pure. */
  recordOf(inputs: Props): RecordSpec;
  /** Logical names of the settings that a zone gets. Pure. @default none */
  settingNames?(zone: string, cdn: CdnSpec): string[];
}
