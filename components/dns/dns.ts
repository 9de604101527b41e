import type { CustomResourceOptions, Input, InvokeOptions, Output, Resource } from "@pulumi/pulumi";
import type { RecordSpec } from "./plan.ts";

/** CDN settings of a zone, by the catalog's names. */
export type CdnSpec = Readonly<Record<string, string | number | boolean>>;

/** Makes zones and records at one DNS vendor: what components need of it, whichever it is. */
export interface Dns {
  /** Makes a zone. @param name logical name @returns the vendor's id of it */
  zone(name: string, zone: string, opts: CustomResourceOptions): Output<string>;
  /** The vendor's id of a zone that is there, by its name. */
  lookUp(zone: string, opts: InvokeOptions): Output<string>;
  /**
   * Makes a record.
   *
   * @param name logical name; with the options it says how the record follows from earlier ones
   */
  record(name: string, record: RecordSpec, zoneId: Input<string>, opts: CustomResourceOptions): Resource;
  /** Sets what the vendor's CDN has. @default the vendor has none */
  settings?(zone: string, cdn: CdnSpec, zoneId: Input<string>, opts: CustomResourceOptions): void;
}
