import type { Site } from "../../catalog/index.ts";
import { releaseRef, sharedProjectName } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import type { SharedState, StackState } from "../../stacks/desired.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import type { AppliedRun, ApplyOptions } from "../apply.ts";
import type { WorkStep } from "../budget/index.ts";
import { checkSites, type Expected, keepEvidence, readTimes, siteTarget } from "../health/index.ts";
import { markBad, releasesLeft } from "../rollback/index.ts";
import type { Session } from "../session.ts";
import type { RolloutWork } from "./carry-out.ts";
import { hostsOf, withHosts } from "./plan.ts";
import { confirmTarget, currentStates, targetState } from "./start.ts";
import { cellSteps } from "./steps.ts";
import type { RolloutRecord, WaveState } from "./types.ts";

/** What {@link rolloutWork} needs of whoever calls it. */
export interface WorkOptions {
  /** A fresh look at backend and catalog: every wave changes what there is. */
  readonly open: () => Promise<Session>;
  /** Updates stacks within the vendors' limits. */
  readonly apply: (
    session: Session,
    options: Pick<ApplyOptions, "desired"> & {
      readonly stacks: readonly string[];
      /** What it costs the vendors, by stack. */
      readonly steps: ReadonlyMap<string, readonly WorkStep[]>;
    },
  ) => Promise<AppliedRun>;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a rollout does in the world, with the real engine and real checks. */
export function rolloutWork({ open, apply, signal, env }: WorkOptions): RolloutWork {
  let last: Session | undefined;
  // What the backend has changes with every wave; what a check reads of it does not.
  const fresh = async () => {
    last = await open();
    return last;
  };
  const known = async () => last ?? (await fresh());
  return {
    async apply(record, wave) {
      const session = await fresh();
      // Somebody may have changed the catalog, or found the release bad, since the wave before.
      await confirmTarget(session, record);
      const all = Object.keys(record.before);
      // What is as declared already is not opened again: a last wave that was interrupted goes on where it was.
      const left = session.open.filter((stack) => all.includes(stack));
      const stacks = wave.kind === "shared" ? [SHARED_STACK] : wave.kind === "last" ? left : Object.keys(wave.hosts);
      const hosts = hostsOf(reached(record, wave));
      const current = await currentStates(session, stacks);
      const desired = new Map<string, StackState>();
      const steps = new Map<string, readonly WorkStep[]>();
      for (const stack of stacks) {
        const target = await targetState(session, stack);
        const next = wave.kind === "sites" ? withHosts(current.get(stack), target, hosts.get(stack) ?? []) : target;
        desired.set(stack, next);
        steps.set(stack, cellSteps(current.get(stack), next));
      }
      return apply(session, { stacks, steps, ...(wave.kind === "sites" ? { desired } : {}) });
    },

    async goBack(record, waves) {
      const session = await fresh();
      const hosts = hostsOf(waves);
      const stacks = [...hosts.keys()];
      const current = await currentStates(session, stacks);
      const desired = new Map<string, StackState>();
      for (const [stack, list] of hosts) {
        desired.set(stack, withHosts(current.get(stack), record.before[stack] ?? undefined, list));
      }
      if (waves.some(({ kind }) => kind === "shared")) desired.set(SHARED_STACK, sharedBefore(record));
      // Promotions are not limited, and going back waits for nobody: nothing is expected of the budgets.
      return apply(session, { stacks: [...desired.keys()], desired, steps: new Map() });
    },

    async markBad(record, wave) {
      const session = await known();
      const left = releasesLeft(await comings(session, record, wave));
      const failed = new Set(wave.figures?.examples ?? []);
      // A wave may hold releases of several repositories: only those that fail are bad, where that is known.
      const guilty = left.filter(
        ({ names }) => failed.size === 0 || wave.kind === "shared" || names.some((name) => failed.has(name)),
      );
      const at = new Date().toISOString();
      const reason = `wave ${wave.name} of rollout ${record.id}: ${wave.reason ?? "failed"}`;
      const bad = guilty.map(({ repository, commit }) => ({ repository, commit, at, reason }));
      if (bad.length > 0) await markBad(session.folders.state, bad);
      return bad.map(({ repository, commit }) => `${repository}@${commit}`);
    },

    async check(record, wave, when) {
      const session = await known();
      const { catalog } = session.inputs;
      const sites = sitesOf(session, record, wave);
      const then = when === "before" ? expectedBefore(record, sites) : undefined;
      // A site that is new with this wave has nothing to be asked before it.
      const asked = then === undefined ? sites : sites.filter(({ host }) => then.has(host));
      if (asked.length === 0) return { results: [] };
      const times = await readTimes(
        session.folders.state,
        session.store,
        asked.map((site) => siteTarget(catalog, site)),
      );
      const results = await checkSites(catalog, asked, {
        times,
        ...(then ? { expected: then } : {}),
        ...(signal ? { signal } : {}),
        ...(env ? { env } : {}),
      });
      return when === "before" ? { results } : { results, evidence: keepEvidence(session.folders.state, results) };
    },
  };
}

/** The waves up to this one. */
function reached({ waves }: RolloutRecord, wave: WaveState): WaveState[] {
  return waves.slice(0, waves.findIndex(({ name }) => name === wave.name) + 1);
}

/** What a wave brings, as if going back to what was before. */
async function comings(session: Session, record: RolloutRecord, wave: WaveState) {
  if (wave.kind === "shared") {
    return [{ current: await targetState(session, SHARED_STACK), desired: sharedBefore(record) }];
  }
  return Promise.all(
    Object.entries(wave.hosts).map(async ([stack, hosts]) => ({
      current: withHosts(undefined, await targetState(session, stack), hosts),
      desired: withHosts(undefined, record.before[stack] ?? undefined, hosts),
    })),
  );
}

/** @throws SitefleetError `rollback.none` */
function sharedBefore(record: RolloutRecord): StackState {
  const before = record.before[SHARED_STACK];
  if (before) return before;
  throw new SitefleetError({
    code: "rollback.none",
    message: "there is nothing to go back to: it is new with this rollout",
    subject: SHARED_STACK,
    hint: "sitefleet rollout promote accepts it, sitefleet rollout abort --keep leaves it",
  });
}

/** The sites that a wave is judged by: its own; for the shared stack those of the projects and zones that it changes. */
function sitesOf({ inputs: { catalog } }: Session, record: RolloutRecord, wave: WaveState): Site[] {
  if (wave.kind !== "shared") {
    const hosts = new Set(Object.values(wave.hosts).flat());
    return catalog.sites.filter(({ host }) => hosts.has(host));
  }
  const before = sharedOf(record);
  if (before === undefined) return [];
  const old = new Map(before.projects.map((project) => [project.name, project.commit]));
  const zones = new Map(before.zones.map((zone) => [zone.name, canonicalJson(zone)]));
  return catalog.sites.filter((site) => {
    if (site.project !== "shared" || !zones.has(site.zone)) return false;
    return old.get(sharedProjectName(site)) !== releaseRef(catalog.releases, site.channel, site.repository);
  });
}

function sharedOf(record: RolloutRecord): SharedState | undefined {
  const before = record.before[SHARED_STACK];
  return before?.kind === "shared" ? before : undefined;
}

/** What each site serves before the rollout; those that are new are left out. */
function expectedBefore(record: RolloutRecord, sites: readonly Site[]): Map<string, Expected> {
  const commits = new Map<string, string | undefined>();
  for (const state of Object.values(record.before))
    if (state?.kind === "cell") for (const { host, commit } of state.sites) commits.set(host, commit);
  const projects = new Map(sharedOf(record)?.projects.map(({ name, commit }) => [name, commit]));
  const found = new Map<string, Expected>();
  for (const site of sites) {
    const ref =
      commits.get(site.host) ?? (site.project === "shared" ? projects.get(sharedProjectName(site)) : undefined);
    if (ref !== undefined) found.set(site.host, { ref });
    else if (commits.has(site.host)) found.set(site.host, {});
  }
  return found;
}
