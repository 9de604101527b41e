import type { Service } from "../../catalog/index.ts";

/** What is live at a host name that Vercel knows. */
export interface LiveSite {
  /** Project the host belongs to. */
  readonly project: string;
  /** `dpl_…`, or undefined when the host is attached but nothing is deployed. */
  readonly deployment?: string;
  /** Commit that was built, if known. */
  readonly commit?: string;
  /** Where a host that only redirects leads to. */
  readonly redirect?: { readonly host: string; readonly status: number };
}

/** DNS as the world sees it. */
export interface Dns {
  /** Contents of the records at `name` (exact, else the wildcard that covers it). */
  lookup(name: string, type: string): string[];
}

/** One line of the overview. */
export interface Listed {
  readonly host: string;
  readonly what: string;
}

/** Where the web server gets everything from; read anew for every request. */
export interface WebSources {
  readonly dns: Dns;
  /** Undefined when no project holds the host. */
  liveAt(host: string): LiveSite | undefined;
  /** Services of the host, by host name. */
  service(host: string): Service | undefined;
  services(): readonly Service[];
  /** Hosts attached at Vercel, sorted. */
  sites(): readonly Listed[];
  /** Figures for the overview, e.g. `{ "Vercel projects": 12 }`. */
  counts(): Readonly<Record<string, number>>;
  /** Addresses for the overview, e.g. `{ "Control API": "http://127.0.0.1:…" }`. */
  links(): Readonly<Record<string, string>>;
  /** The host's file tree (absolute path on this machine). */
  readonly hostTree: string;
}
