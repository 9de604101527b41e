/** DNS vendor of a zone that names none. */
export const DEFAULT_DNS = "cloudflare";

/** A vendor that zones can be at, as far as rules ask. The catalog itself knows none: its reader is told which there are. */
export interface DnsVendorFacts {
  readonly name: string;
  /** It can answer in place of a record's content. */
  readonly cdn: boolean;
}
