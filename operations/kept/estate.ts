import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../fleet/backend/store/store.ts";
import { readStream } from "../../fleet/events/stream.ts";
import { KeptChecks, type KeptResult, replaces, SHARED_CHECKS, sharedResults } from "../../fleet/health/index.ts";
import { type RolloutRecord, rolloutFiles } from "../../fleet/releases/rollout/index.ts";
import { groupStreams, type RunStream } from "../../fleet/report/index.ts";
import { type Catalog, loadCatalog } from "../../model/index.ts";
import { dnsVendors } from "../../vendors/index.ts";
import { Objects } from "./objects.ts";

/** Processes of runs that are looked at: a run as 64 jobs has 64. */
const STREAMS = 200;

/** The catalog as it was last read. */
export interface KeptCatalog {
  /** The last that could be read; undefined when none could. */
  readonly catalog: Catalog | undefined;
  /** Why what stands there now cannot be read: the catalog is then an earlier one. */
  readonly problem: unknown;
}

/** What runs have kept and people have declared, for who looks again and again: what has not changed since the last look is not read again. */
export class KeptEstate {
  readonly #catalogDir: string;
  readonly #stateDir: string;
  readonly #checks: KeptChecks;
  #shared: Objects<readonly KeptResult[]> | undefined;
  #streams: Objects<RunStream> | undefined;
  #rollouts: Objects<RolloutRecord | undefined> | undefined;
  #catalog: (KeptCatalog & { readonly stamp: string }) | undefined;

  constructor(catalogDir: string, stateDir: string) {
    this.#catalogDir = catalogDir;
    this.#stateDir = stateDir;
    this.#checks = new KeptChecks(stateDir);
  }

  /** The catalog. What a person is just editing ends no look: the last one that could be read holds. */
  catalog(): KeptCatalog {
    const stamp = stampOf(this.#catalogDir);
    if (this.#catalog?.stamp === stamp) return this.#catalog;
    try {
      this.#catalog = { stamp, catalog: loadCatalog(this.#catalogDir, dnsVendors()), problem: undefined };
    } catch (problem) {
      this.#catalog = { stamp, catalog: this.#catalog?.catalog, problem };
    }
    return this.#catalog;
  }

  /** The newest runs, newest first, each with its processes. @throws SitefleetError `store.unreachable` */
  async runs(own: Store): Promise<ReturnType<typeof groupStreams>> {
    const id = (key: string) => key.slice("events/".length, -".jsonl".length);
    this.#streams ??= new Objects(own, "events/", async (key) => ({
      stream: id(key),
      entries: await readStream(own, id(key)),
    }));
    const found = await this.#streams.values((keys) =>
      keys
        .filter((key) => key.endsWith(".jsonl"))
        .sort()
        .slice(-STREAMS)
        .reverse(),
    );
    return groupStreams([...found.values()].map(({ value }) => value));
  }

  /**
   * The last verdict of each host, by host: of this machine with its evidence, or of another one that shares the backend, whichever is newer.
   *
   * @throws SitefleetError `store.unreachable`
   */
  async checks(own: Store, shared: Store | undefined): Promise<ReadonlyMap<string, KeptResult>> {
    const here = this.#checks.latest();
    const others = await this.othersChecks(own, shared);
    if (others.length === 0) return here;
    const all = new Map(here);
    for (const one of others) {
      const before = all.get(one.result.id);
      // What this machine has seen itself has its evidence: told by others at the same time it says no more.
      if (before?.at !== one.at && replaces(known(one), before && known(before))) all.set(one.result.id, one);
    }
    return all;
  }

  /** The last verdicts in the backend, this machine's among them; none in a directory, where the evidence itself is shared. @throws SitefleetError `store.unreachable` */
  async othersChecks(own: Store, shared: Store | undefined): Promise<readonly KeptResult[]> {
    if (shared === undefined) return [];
    this.#shared ??= new Objects(own, SHARED_CHECKS, async (key) => sharedResults((await own.get(key))?.text));
    const found = await this.#shared.values((keys) => keys.filter((key) => key.endsWith(".json")));
    return [...found.values()].flatMap(({ value }) => value);
  }

  /** The newest rollout; undefined: there was none. @throws SitefleetError `store.unreachable` */
  async rollout(own: Store, shared: Store | undefined): Promise<RolloutRecord | undefined> {
    const files = rolloutFiles(this.#stateDir, shared);
    const id = (key: string) => key.slice("rollouts/".length, -".json".length);
    this.#rollouts ??= new Objects(own, "rollouts/", (key) => files.read(id(key)));
    const found = await this.#rollouts.values((keys) =>
      keys
        .filter((key) => key.endsWith(".json") && !key.endsWith(".request.json"))
        .sort()
        .slice(-1),
    );
    return [...found.values()][0]?.value;
  }
}

const known = ({ at, result: { verdict } }: KeptResult) => ({ at, verdict });

/** Changes with what stands in the catalog; a directory that cannot be read has one as well. */
function stampOf(dir: string): string {
  try {
    const files = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ name }) => `${name} ${statSync(join(dir, name)).mtimeMs}`).join("\n");
  } catch (error) {
    return `unreadable: ${(error as Error).message}`;
  }
}
