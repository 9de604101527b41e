import { randomBytes } from "node:crypto";
import type { Overview } from "../../fleet/overview/index.ts";
import type { Patch, Picture } from "../view/picture.ts";

/** Patches that a page which was away can catch up with; one that was away for longer reads all anew. */
const KEPT = 120;

/** How a feed looks. */
export interface FeedOptions {
  /** Reads the overview with all sites. */
  readonly read: () => Promise<Overview>;
  /** Between two looks, ms. */
  readonly everyMs: number;
}

type Parts = Readonly<Record<string, string>>;

/** Looks at the estate while pages look at the feed, and tells them what has changed. */
export class Feed {
  readonly #read: () => Promise<Overview>;
  readonly #everyMs: number;
  readonly #listeners = new Set<(patch: Patch) => void>();
  readonly #boot = randomBytes(6).toString("hex");
  #count = 0;
  #picture: Picture | undefined;
  #parts: Parts = {};
  #rows: ReadonlyMap<string, string> = new Map();
  #patches: Patch[] = [];
  #looking: Promise<Picture> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ read, everyMs }: FeedOptions) {
    this.#read = read;
    this.#everyMs = everyMs;
  }

  /** The picture as it is now: looked at anew unless a look is younger than the pause between two. */
  async picture(): Promise<Picture> {
    const age =
      this.#picture === undefined ? Number.POSITIVE_INFINITY : Date.now() - Date.parse(this.#picture.overview.at);
    return this.#picture !== undefined && age < this.#everyMs ? this.#picture : this.look();
  }

  /** What has happened since a picture; undefined: that is too long ago, or of another start of the server. */
  since(version: string): readonly Patch[] | undefined {
    if (version === this.#picture?.version) return [];
    const index = this.#patches.findIndex(({ before }) => before === version);
    return index === -1 ? undefined : this.#patches.slice(index);
  }

  /** Tells of patches until the returned function is called. */
  listen(listener: (patch: Patch) => void): () => void {
    this.#listeners.add(listener);
    this.#arm();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  /** Looks now. Of several that ask at once one looks. */
  look(): Promise<Picture> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<Picture> {
    const overview = await this.#read();
    const { sites = [], ...rest } = overview;
    const parts = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value) ?? ""]));
    const rows = new Map(sites.map((site) => [site.host, JSON.stringify(site)]));
    const gone = [...this.#rows.keys()].some((host) => !rows.has(host));
    const changed = sites.filter(({ host }) => this.#rows.get(host) !== rows.get(host));
    const names = Object.keys(parts).filter((name) => parts[name] !== this.#parts[name]);
    const before = this.#picture?.version;
    const version = `${this.#boot}-${++this.#count}`;
    this.#parts = parts;
    this.#rows = rows;
    this.#picture = { version, everyMs: this.#everyMs, overview };
    // A site that is gone: pages read all anew.
    if (gone) this.#patches = [];
    if (before === undefined || gone) return this.#picture;
    const own = Object.fromEntries(names.map((name) => [name, rest[name as keyof typeof rest]]));
    const patch: Patch = { version, before, parts: own, sites: changed };
    this.#patches = [...this.#patches, patch].slice(-KEPT);
    for (const listener of this.#listeners) listener(patch);
    return this.#picture;
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // What cannot be looked at makes the pages stale, and they say so.
      void this.look()
        .catch(() => {})
        .finally(() => {
          if (this.#listeners.size > 0) this.#arm();
        });
    }, this.#everyMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
