import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { budgetStandings } from "../../fleet/budget/index.ts";
import { checkTargets, readTimes, selectTargets, type Target } from "../../fleet/health/index.ts";
import { readIncidents } from "../../fleet/incidents/index.ts";
import { readKept } from "../../fleet/notify/index.ts";
import { rolloutFiles } from "../../fleet/releases/rollout/index.ts";
import { reportOf } from "../../fleet/report/index.ts";
import { type Catalog, readNotify } from "../../model/index.ts";
import { figures } from "../../plesk/index.ts";
import { KeptEstate } from "../kept/estate.ts";
import { keepHosts } from "../kept/hosts.ts";
import type { Estate } from "../kit/estate.ts";
import { failureOf } from "../kit/failure.ts";
import { openTargets } from "../plesk/services/targets.ts";
import { hostsChecked } from "./health.ts";
import { NO_SOURCES, type Read, type SourceName, type Sources, type SourceValues } from "./sources.ts";

/** Runs that make figures. */
const RUNS = 60;
/** Seconds to log in to a host, and for one question. */
const TIMES = { connect: 5, command: 20 } as const;

/** What is measured anew. */
export interface Measure {
  /** Ask services and sites now, in place of reading what the last checks kept. */
  readonly check: readonly ("sites" | "services")[];
  /** Log in to the hosts. */
  readonly hosts: boolean;
}

/** Reads the estate again and again; what cannot be read stays as it was, and says so. */
export class Gatherer {
  readonly #estate: Estate;
  readonly #kept: KeptEstate;
  #known: Sources = NO_SOURCES;

  constructor(estate: Estate) {
    this.#estate = estate;
    this.#kept = new KeptEstate(estate.catalogDir, stateDir());
  }

  /**
   * Reads all sources at once. None of them stops the others. A catalog that a person is just editing does not end a watch: the last
   * one that could be read holds.
   *
   * @param now ms since 1970
   * @throws SitefleetError `catalog.invalid`, `environment.invalid`, and what the signal was aborted with
   */
  async gather(measure: Measure, now: number, signal: AbortSignal): Promise<Sources> {
    const { catalog, problem } = this.#kept.catalog();
    if (catalog === undefined) throw problem;
    const [dir, shared] = [stateDir(), await stateStore()];
    const own = ownStore(dir, shared);
    const { receivers = [] } = readNotify(this.#estate.catalogDir) ?? {};
    const checked = (kind: "sites" | "services") => async () => {
      const targets = selectTargets(catalog, {}).filter((target) => `${target.kind}s` === kind);
      const fresh = measure.check.includes(kind) ? await ask(catalog, targets, dir, shared, signal) : [];
      return hostsChecked(targets, fresh, now, dir, await this.#kept.othersChecks(own, shared));
    };
    const read: { [Name in SourceName]: () => Promise<Read<SourceValues[Name]>> } = {
      runs: () => at(now, this.#readRuns(own)),
      rollout: () => at(now, this.#readRollout(own, dir, shared)),
      sites: checked("sites"),
      services: checked("services"),
      hosts: async () => (measure.hosts ? at(now, this.#readHosts(catalog, own, now, signal)) : this.#known.hosts),
      budgets: () => at(now, budgetStandings(catalog.limits, dir, shared)),
      incidents: () => at(now, readIncidents(own)),
      notifications: () =>
        at(
          now,
          readKept(own).then(
            ({ waiting }) => waiting.filter(({ receiver }) => receivers.some(({ name }) => name === receiver)).length,
          ),
        ),
    };
    const one = async (name: SourceName) => {
      try {
        return [name, await read[name]()] as const;
      } catch (error) {
        signal.throwIfAborted();
        return [name, { ...this.#known[name], failed: failureOf(error).message }] as const;
      }
    };
    const names = Object.keys(NO_SOURCES) as SourceName[];
    this.#known = Object.fromEntries(await Promise.all(names.map(one))) as unknown as Sources;
    return this.#known;
  }

  async #readRuns(own: Store): Promise<SourceValues["runs"]> {
    return (await this.#kept.runs(own)).slice(0, RUNS).map(({ run, streams }) => reportOf(run, streams));
  }

  async #readRollout(own: Store, dir: string, shared: Store | undefined): Promise<SourceValues["rollout"]> {
    const record = await this.#kept.rollout(own, shared);
    return record && { record, lastAt: (await rolloutFiles(dir, shared).events(record.id)).at(-1)?.at };
  }

  /** Logs in to the hosts, and keeps what was seen for who does not: the dashboard. */
  async #readHosts(catalog: Catalog, own: Store, now: number, signal: AbortSignal): Promise<SourceValues["hosts"]> {
    if (catalog.services.length === 0) return [];
    const { targets } = await openTargets({ estate: this.#estate, emit: () => {} }, [], { databases: "if-known" });
    const timed = targets.map((target) => ({ ...target, timeouts: { ...target.timeouts, ...TIMES } }));
    const outcomes = await figures(timed, { signal });
    signal.throwIfAborted();
    const services = outcomes.map((one) =>
      one.ok ? one : { service: one.service, ok: false as const, reason: failureOf(one.error).message },
    );
    // Figures are worth having where they cannot be kept.
    await keepHosts(own, { at: now, services }).catch(() => {});
    const servers = new Map(catalog.services.map(({ key, server }) => [key, server]));
    return outcomes.map((outcome) => ({ server: servers.get(outcome.service) ?? "", outcome }));
  }
}

const at = async <Value>(now: number, value: Promise<Value>): Promise<Read<Value>> => ({ at: now, value: await value });

async function ask(
  { checks }: Catalog,
  targets: readonly Target[],
  dir: string,
  shared: Store | undefined,
  signal: AbortSignal,
) {
  const times = await readTimes(dir, shared, targets);
  return checkTargets(targets, { vantages: checks.vantages, times, signal });
}
