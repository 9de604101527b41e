import type { StackState } from "../../../stacks/desired.ts";
import { PLESK_STACK, SHARED_STACK } from "../../../stacks/names.ts";
import { merge, sameState, slice } from "../../../stacks/state.ts";
import type { WorkStep } from "../../budget/index.ts";
import { keepEvidence } from "../../health/index.ts";
import type { AppliedRun, ApplyOptions } from "../../run/apply.ts";
import type { RunObserver, RunOptions } from "../../run/run.ts";
import type { Session } from "../../run/session.ts";
import { currentOf, releasesLeft, stackVersions } from "../rollback/index.ts";
import { askSites, leaveReleases } from "../step/index.ts";
import { failedReleases } from "./failed-releases.ts";
import { hostsOf } from "./plan.ts";
import type { RolloutWork, ServiceWork, WentBack } from "./rollout-work.ts";
import { confirmTarget, currentStates } from "./start.ts";
import { cellSteps } from "./steps.ts";
import { together } from "./together.ts";
import type { RolloutRecord, WaveState } from "./types.ts";
import { waveLosses } from "./wave-losses.ts";
import { expectedIn, sharedIn, sitesOf } from "./wave-sites.ts";

/** What {@link rolloutWork} needs of its caller. */
export interface WorkOptions {
  /** A fresh look at backend and catalog: every wave changes what there is. */
  readonly open: () => Promise<Session>;
  /** Updates stacks within the vendors' limits. */
  readonly apply: (
    session: Session,
    options: Pick<ApplyOptions, "desired" | "keepGoing" | "services"> & {
      readonly stacks: readonly string[];
      /** What it costs the vendors, by stack. */
      readonly steps: ReadonlyMap<string, readonly WorkStep[]>;
    } & Pick<RunObserver, "ended"> &
      Pick<RunOptions, "refuse">,
  ) => Promise<AppliedRun>;
  /** Proves services, and takes them back: their hosts are asked, not the engine. */
  readonly services: ServiceWork;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a rollout does in the world, with the real engine and real checks. */
export function rolloutWork({ open, apply, services, signal, env }: WorkOptions): RolloutWork {
  let last: Session | undefined;
  /** Stacks that the last update of this process did not begin. */
  let left: ReadonlySet<string> = new Set();
  // What the backend has changes with every wave; what a check reads of it does not.
  const fresh = async () => {
    last = await open();
    return last;
  };
  const known = async () => last ?? (await fresh());
  return {
    async apply(record, wave) {
      const session = await fresh();
      // Since the wave before, the catalog may have changed, or the release may have been found bad.
      await confirmTarget(session, record);
      // Limited to them, as `plesk deploy` is: the stack's state then says what is live, service by service.
      if (wave.kind === "services")
        return apply(session, { stacks: [PLESK_STACK], services: wave.services, steps: new Map() });
      const stacks = stacksOf(session, record, wave);
      const hosts = hostsOf(reached(record, wave));
      const current = await currentStates(session, stacks);
      const desired = new Map<string, StackState>();
      const steps = new Map<string, readonly WorkStep[]>();
      for (const stack of stacks) {
        const target = targetOf(record, stack);
        const next = wave.kind === "sites" ? merge(current.get(stack), target, hosts.get(stack) ?? []) : target;
        steps.set(stack, cellSteps(current.get(stack), next));
        // A stack that is as declared with this wave is updated as usual, and the last wave does not open it again. One that
        // the catalog has emptied goes with the last wave only: with it goes its history.
        const whole = sameState(next, target) && !session.choice.retired.has(stack);
        if (wave.kind === "sites" && !whole) desired.set(stack, next);
      }
      // One release that does not get past its check decides the wave: what has not begun then is left as it is.
      let decided = false;
      const run = await apply(session, {
        stacks,
        steps,
        desired: desired.size > 0 ? desired : undefined,
        ended: (result) => {
          decided ||= failedReleases([result]).length > 0;
        },
        refuse: () => (decided ? "a release of its wave is bad" : undefined),
      });
      left = new Set(run.skipped.map(({ stack }) => stack));
      return run;
    },

    losses: (record, wave) => waveLosses(record, wave, env),

    async goBack(record, all, stay) {
      const session = await fresh();
      const waves = all.filter(({ kind }) => kind !== "services");
      // The last group first: what logs in by another service goes back before that one does.
      const groups = all.filter(({ kind }) => kind === "services").reverse();
      const back: WentBack[] = [];
      for (const wave of groups) back.push(await services.goBack(session, record, wave));
      if (waves.length === 0) return together(back);
      const hosts = hostsOf(waves);
      const current = await currentStates(session, [...hosts.keys()]);
      const desired = new Map<string, StackState>();
      const kept: string[] = [];
      for (const [stack, list] of hosts) {
        const stays = new Set(stay[stack]);
        const base = merge(current.get(stack), record.target[stack], stays);
        const goes = list.filter((host) => !stays.has(host));
        const next = merge(base, record.before[stack], goes);
        if (!left.has(stack) || !(await isAlready(session, stack, next))) desired.set(stack, next);
      }
      if (waves.some(({ kind }) => kind === "shared")) {
        const before = sharedIn(record.before);
        if (before) desired.set(SHARED_STACK, before);
        else kept.push(`${SHARED_STACK}: it is new with this rollout`);
      }
      const failing = new Set(waves.flatMap(({ figures, blamed }) => [...(figures?.examples ?? []), ...blamed]));
      const urgent = (stack: string) => (hosts.get(stack)?.some((host) => failing.has(host)) ? 0 : 1);
      // What visitors see failing first.
      const stacks = [...desired.keys()].sort((a, b) => urgent(a) - urgent(b));
      // Promotions are not limited, and a rollback does not wait. So nothing is expected of the budgets.
      const run = await apply(session, { stacks, desired, steps: new Map(), keepGoing: true });
      return together([...back, { run, kept }]);
    },

    async markBad(record, wave) {
      // The driver marks each release that a service leaves.
      if (wave.kind === "services") return [];
      const { folders } = await known();
      const guilty = releasesLeft(changeOfWave(record, wave)).filter(isGuilty(wave));
      const reason = `wave ${wave.name} of rollout ${record.id}: ${wave.reason ?? "failed"}`;
      const bad = await leaveReleases(folders.state, guilty, { reason });
      return bad.map(({ repository, commit }) => `${repository}@${commit}`);
    },

    async check(record, wave, when) {
      const session = await known();
      if (wave.kind === "services") {
        const seen = await services.check(record, wave, when);
        return when === "before" ? seen : { ...seen, evidence: keepEvidence(session.folders.state, seen.results) };
      }
      const { catalog } = session.inputs;
      const sites = sitesOf(catalog, record, wave);
      const expected = expectedIn(when === "before" ? record.before : record.target, catalog, sites);
      // A site that is new with this wave cannot be asked before it, a site that the wave removes cannot be asked after it.
      const asked = sites.filter(({ host }) => expected.has(host));
      if (asked.length === 0) return { results: [] };
      const results = await askSites(session, asked, expected, {
        signal,
        env,
      });
      return when === "before" ? { results } : { results, evidence: keepEvidence(session.folders.state, results) };
    },
  };
}

/** Whether a stack is like that, with nothing half done: going by its state, not only by what was declared. */
async function isAlready({ infos }: Session, stack: string, next: StackState): Promise<boolean> {
  if (!infos.has(stack)) return next.kind === "cell" && next.sites.length === 0;
  const now = await currentOf(stack, await stackVersions(stack));
  return now !== undefined && now.moved.size === 0 && sameState(now.state, next);
}

/** The stacks that a wave updates. What is as declared already is not opened again by the last one. */
function stacksOf({ open }: Session, { before }: RolloutRecord, { kind, hosts }: WaveState): string[] {
  if (kind === "shared") return [SHARED_STACK];
  return kind === "last" ? open.filter((stack) => stack in before && stack !== PLESK_STACK) : Object.keys(hosts);
}

/** What a stack is to be in the end. */
function targetOf({ target, id }: RolloutRecord, stack: string): StackState {
  const state = target[stack];
  if (state === undefined) throw new Error(`rollout ${id}: ${stack} is none of its stacks`);
  return state;
}

/** The waves up to this one. */
function reached({ waves }: RolloutRecord, wave: WaveState): WaveState[] {
  return waves.slice(0, waves.findIndex(({ name }) => name === wave.name) + 1);
}

/** What a wave brings, as if going back to what was before. */
function changeOfWave(record: RolloutRecord, wave: WaveState) {
  if (wave.kind === "shared") {
    const [current, desired] = [sharedIn(record.target), sharedIn(record.before)];
    return current && desired ? [{ current, desired }] : [];
  }
  return Object.entries(wave.hosts).map(([stack, hosts]) => ({
    current: slice(record.target[stack], hosts),
    desired: slice(record.before[stack], hosts),
  }));
}

/**
 * Whether a release of a wave is to blame. A wave may hold releases of several repositories: only those that fail are bad,
 * where that is known; none is when its update failed for another reason.
 */
function isGuilty({ kind, figures, blamed }: WaveState): (release: { readonly names: readonly string[] }) => boolean {
  const failed = new Set([...blamed, ...(figures?.examples ?? [])]);
  const all = figures !== undefined && (kind === "shared" || figures.examples.length === 0);
  return ({ names }) => all || names.some((name) => failed.has(name));
}
