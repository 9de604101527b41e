import type { Service } from "../../model/index.ts";
import type { Live } from "../vercel/index.ts";
import type { Php } from "./php.ts";

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
  /** Whether the registrar names Vercel's name servers for the host's zone, so that Cloudflare is not asked. */
  delegated(host: string): boolean;
  /**
   * What Vercel serves at the host; undefined when nothing does. `bypass`: the secret that the visitor sent, `from`: the
   * deployment that the visitor's page was loaded from, if any.
   */
  liveAt(
    host: string,
    visit: { readonly bypass?: string | undefined; readonly from?: string | undefined },
  ): Live | undefined;
  /** Whether a project holds the host (or the wildcard above it), deployed or not. */
  attached(host: string): boolean;
  /** Told of every page that Vercel serves, for usage and billing. */
  visited(host: string, bytes: number): void;
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
  /** Runs the host's PHP pages. @default they are answered with 501 */
  readonly php?: Php | undefined;
  /** Answers what the programs of releases answer. @default nothing */
  readonly applications?: Applications | undefined;
}

/** The programs of services. */
export interface Applications {
  /**
   * Answers a request by the program of the live release; undefined when it has none, or none of its pages has this address.
   *
   * @param root the release's document root on this machine
   */
  answer(service: Service, root: string, request: Request): Promise<Response | undefined>;
}
