import { basename } from "node:path";
import { environment } from "../../environment/index.ts";
import { holders } from "../../fleet/backend/locks/locks.ts";
import { desiredOf, readCheckpoint } from "../../fleet/backend/states/checkpoint.ts";
import { readStateBytes } from "../../fleet/backend/states/read-state.ts";
import { statesAmong } from "../../fleet/backend/states/state-files.ts";
import { PROJECT_NAME, STACKS } from "../../fleet/backend/store/project.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { engineStore, ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { readBudgets } from "../../fleet/budget/index.ts";
import { quietWindow, readTraffic } from "../../fleet/budget/strategy/index.ts";
import { openRequests } from "../../fleet/gates/index.ts";
import { readIncidents } from "../../fleet/incidents/index.ts";
import { type LiveStack, type Overview, type OverviewFacts, overviewOf, unknown } from "../../fleet/overview/index.ts";
import { badReleases } from "../../fleet/releases/rollback/index.ts";
import { rolloutFiles, rolloutLockHolder } from "../../fleet/releases/rollout/index.ts";
import type { Catalog } from "../../model/index.ts";
import { budgetSettings } from "../fleet/budget-settings.ts";
import { KeptEstate } from "../kept/estate.ts";
import { keptHosts } from "../kept/hosts.ts";
import { Objects } from "../kept/objects.ts";
import type { Estate } from "../kit/estate.ts";
import { failureOf } from "../kit/failure.ts";
import { costNow, siteCost } from "./cost.ts";

/** Cost changes with the catalog and once a day: it is worked out again after so long, ms. */
const COST_MS = 600_000;

/** What {@link Reader.read} is asked for. */
export interface Wanted {
  readonly sites?: boolean | undefined;
  readonly site?: string | undefined;
}

/** Reads what an overview is made of. What has not changed since the last time is not read again. */
export class Reader {
  readonly #estate: Estate;
  readonly #traffic: string | undefined;
  readonly #dir = stateDir();
  readonly #kept: KeptEstate;
  /** What each source came to when it could last be read. */
  readonly #last = new Map<string, { readonly at: string; readonly value: unknown }>();
  #states: Objects<LiveStack["desired"]> | undefined;
  #cost:
    | { readonly catalog: Catalog; readonly at: number; readonly value: Awaited<ReturnType<typeof costNow>> }
    | undefined;

  /** @param traffic file of hourly requests, for the best window. @default the usual night */
  constructor(estate: Estate, traffic?: string) {
    this.#estate = estate;
    this.#traffic = traffic;
    this.#kept = new KeptEstate(estate.catalogDir, this.#dir);
  }

  /** What the estate is and does now. A source that cannot be read is told in the document, stays as it last was, and fails nothing. */
  async read({ sites, site }: Wanted = {}): Promise<Overview> {
    const facts = await this.#facts();
    const cost = site === undefined ? undefined : await siteCost(facts.catalog, site, facts.now);
    return overviewOf(facts, { sites, site, siteCost: cost });
  }

  async #facts(): Promise<OverviewFacts> {
    const missing: Overview["unknown"] = [];
    const now = Date.now();
    const env = environment();
    const from = async <Value>(
      what: string,
      command: string | undefined,
      otherwise: Value,
      read: () => Promise<Value> | Value,
    ): Promise<Value> => {
      try {
        const value = await read();
        this.#last.set(what, { at: new Date(now).toISOString(), value });
        return value;
      } catch (error) {
        const last = this.#last.get(what);
        missing.push({ what, why: failureOf(error).message, command, asOf: last?.at });
        return last === undefined ? otherwise : (last.value as Value);
      }
    };
    const store = await from("what machines share", "sitefleet doctor", undefined, () => stateStore());
    const own = ownStore(this.#dir, store);
    const catalog = await from("the catalog", "sitefleet validate", undefined, () => {
      const { catalog: read, problem } = this.#kept.catalog();
      if (problem !== undefined) throw problem;
      return read;
    });
    const place = { dir: this.#dir, store };
    const [runs, rollout, locks, incidents, requests, bad, checks, live, hosts] = await Promise.all([
      from("runs", "sitefleet report --list", [], () => this.#kept.runs(own)),
      from("the rollout", "sitefleet rollout status", undefined, () => this.#readRollout(own, store)),
      from("who works", "sitefleet doctor", [], () => holders(place)),
      from("incidents", "sitefleet incident list", [], () => readIncidents(own)),
      from("approvals", undefined, [], () => openRequests(own, new Date(now))),
      from("releases that were rolled back", "sitefleet release list", [], () => badReleases(this.#dir)),
      from<OverviewFacts["checks"]>("checks", "sitefleet health", new Map(), () => this.#kept.checks(own, store)),
      from("what is live", "sitefleet doctor", new Map<string, LiveStack>(), () => this.#readStates(env)),
      from("what was seen on the hosts", "sitefleet metrics", undefined, () => keptHosts(own)),
    ]);
    const budgets = await from<OverviewFacts["budgets"]>(
      "budgets",
      "sitefleet doctor",
      unknown("the ledger cannot be read"),
      () => this.#budgets(catalog, env, store),
    );
    const { cost, savings } = catalog
      ? await this.#readCost(catalog, now)
      : { cost: unknown("the catalog cannot be read", "sitefleet validate"), savings: [] };
    const window = await from("the best window", undefined, undefined, () => this.#window(now));
    const target = env.SITEFLEET_TARGET || basename(this.#estate.configFile).replace(/^Pulumi\.|\.yaml$/g, "");
    return {
      ...{
        now,
        target,
        catalog,
        runs,
        rollout,
        locks,
        incidents,
        requests,
        checks,
        live,
        hosts,
        budgets,
        cost,
        savings,
      },
      badReleases: bad,
      window: window ?? usualWindow(now),
      unknown: missing,
    };
  }

  async #readRollout(own: Store, store: Store | undefined): Promise<OverviewFacts["rollout"]> {
    const record = await this.#kept.rollout(own, store);
    if (record === undefined) return undefined;
    const [holder, asked] = await Promise.all([
      rolloutLockHolder({ dir: this.#dir, store }),
      rolloutFiles(this.#dir, store).isAsked(record.id),
    ]);
    return { record, holder, asked };
  }

  async #readStates(env: NodeJS.ProcessEnv): Promise<Map<string, LiveStack>> {
    const store = await engineStore(env);
    if (store === undefined) throw new Error("the backend's states cannot be read from here");
    const nameOf = (key: string) => key.slice(STACKS.length + 1);
    const stackOf = (key: string) => nameOf(key).replace(/\.json(\.gz)?$/, "");
    this.#states ??= new Objects(store, `${STACKS}/`, async (key) => {
      const bytes = (await store.bytes(key))?.content;
      const read = bytes && readStateBytes(bytes, stackOf(key), PROJECT_NAME);
      return read === undefined || read.damage ? undefined : desiredOf(readCheckpoint(read.document).resources);
    });
    const found = await this.#states.values((keys) => {
      const files = keys.map(nameOf).filter((name) => !name.includes("/"));
      return statesAmong(files.map((name) => ({ name }))).map(({ path }) => path);
    });
    return new Map(
      [...found].map(([key, { at, value }]) => [stackOf(key), { desired: value, at: new Date(at).toISOString() }]),
    );
  }

  #budgets(catalog: Catalog | undefined, env: NodeJS.ProcessEnv, store: Store | undefined) {
    if (catalog === undefined) return unknown("the catalog cannot be read", "sitefleet validate");
    const { off, timeScale } = budgetSettings(env.SITEFLEET_BUDGET);
    if (off) return unknown("budgets are off (SITEFLEET_BUDGET)");
    if (timeScale !== 1) return unknown("this is a rehearsal with other limits (SITEFLEET_BUDGET)");
    return readBudgets(catalog.limits, this.#dir, store);
  }

  async #readCost(catalog: Catalog, now: number): Promise<Awaited<ReturnType<typeof costNow>>> {
    if (this.#cost?.catalog !== catalog || now - this.#cost.at > COST_MS)
      this.#cost = { catalog, at: now, value: await costNow(catalog, now) };
    return this.#cost.value;
  }

  #window(now: number): Overview["window"] {
    return windowOf(now, this.#traffic === undefined ? [] : readTraffic(this.#traffic));
  }
}

const usualWindow = (now: number): Overview["window"] => windowOf(now, []);

function windowOf(now: number, rows: Parameters<typeof quietWindow>[0]): Overview["window"] {
  const { startsAt, hours, reason } = quietWindow(rows, { now });
  const at = (ms: number) => new Date(ms).toISOString();
  return { from: at(startsAt), to: at(startsAt + hours * 3_600_000), reason };
}
