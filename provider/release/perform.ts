import { setTimeout as sleep } from "node:timers/promises";
import { keepCheck } from "../check/keep.ts";
import type { CheckResult, DeploymentCheck } from "../check/types.ts";
import { isAmbiguous, type VercelApi } from "../vercel/api.ts";
import { unverifiedText } from "../vercel/domain.ts";
import type { Deployment } from "../vercel/shapes.ts";
import { buildBody, createWithFiles } from "./build.ts";
import { choose, decide, type Known, nothingKnown, type Step } from "./decide.ts";
import { ReleaseError } from "./errors.ts";
import { type Goal, META, sourceId } from "./goal.ts";
import { nextPromotionLook, type Pace } from "./pace.ts";

/** Hosts that are asked for one by one; more are judged by the project as a whole. */
const MAX_HOSTS = 4;
/** First pause before a lost creation is looked for, ms; doubled each time. */
const LOST_MS = 500;

/** What a release works with. */
export interface Tools {
  readonly api: VercelApi;
  readonly check: DeploymentCheck;
  readonly pace: Pace;
  /** What the project's last build took, ms. @default unknown */
  readonly lastBuildMs?: number | undefined;
  /** What the answers of earlier deployments took when they were checked, ms. @default unknown */
  readonly usual?: readonly number[];
  readonly signal: AbortSignal;
}

/** What is live in the end. */
export interface Released {
  readonly deployment: Deployment;
  /** What was live before, as far as it is known. */
  readonly previous: string | undefined;
  /** When its hosts had moved, ms since 1970; undefined when it was live already. */
  readonly promotedAt: number | undefined;
  /** What its build took, with the time it waited, ms; undefined when nothing was built. */
  readonly buildMs: number | undefined;
  /** How it was checked; undefined when it was not. */
  readonly checked: CheckResult | undefined;
  /** That its promotion let later deployments take the hosts by themselves, and what was done about it. */
  readonly held: string | undefined;
}

/**
 * Makes a goal true, from whatever is there: an earlier run may have ended at any point.
 *
 * @param live what the state remembers as live. @default unknown
 * @throws ReleaseError when it is not live; ApiError, SitefleetError `vercel.unreachable` when Vercel refuses a call before
 *   anything has begun
 */
export async function release(goal: Goal, tools: Tools, live?: string): Promise<Released> {
  const run = new Run(goal, tools, live);
  try {
    return await run.go();
  } catch (error) {
    throw run.asFailure(error);
  }
}

class Run {
  readonly #goal: Goal;
  readonly #tools: Tools;
  readonly #before: string | undefined;
  #known: Known;
  #looks = 0;
  #checked: CheckResult | undefined;
  #cause: unknown;
  #buildMs: number | undefined;

  constructor(goal: Goal, tools: Tools, live: string | undefined) {
    this.#goal = goal;
    this.#tools = tools;
    this.#before = live;
    this.#known = nothingKnown(Date.now(), live);
  }

  async go(): Promise<Released> {
    let previous = this.#before;
    for (;;) {
      this.#tools.signal.throwIfAborted();
      this.#known = { ...this.#known, now: Date.now() };
      const step = decide(this.#goal, this.#known);
      if (step.do === "done") {
        const deployment = this.#known.chosen!;
        const promotedAt = this.#known.promotions > 0 ? Date.now() : undefined;
        const before = previous === deployment.id ? undefined : previous;
        const held = promotedAt === undefined ? undefined : await this.#holdHosts();
        return { deployment, previous: before, promotedAt, buildMs: this.#buildMs, checked: this.#checked, held };
      }
      if (step.do === "fail") throw await this.#failure(step.reason);
      await this.#carryOut(step);
      const { id, sure } = this.#known.live;
      if (sure && this.#known.promotions === 0) previous = id;
    }
  }

  /** What ends a run after something has begun names the deployment: it is there, and the hosts may have moved. */
  asFailure(error: unknown): unknown {
    const { builds, promotions, chosen } = this.#known;
    if (error instanceof ReleaseError || builds + promotions === 0) return error;
    return new ReleaseError("interrupted", { deployment: chosen, cause: error });
  }

  async #carryOut(step: Exclude<Step, { do: "done" | "fail" }>): Promise<void> {
    switch (step.do) {
      case "look":
        return this.#look();
      case "build":
        return this.#build();
      case "watch":
        return this.#watch(step.id);
      case "check":
        return this.#check();
      case "promote":
        return this.#promote(step.id);
      case "verify":
        return this.#verify(step.id);
    }
  }

  #learn(part: Partial<Known>): void {
    this.#known = { ...this.#known, ...part };
  }

  /** Takes a view of the chosen deployment in, and notes when it was first seen queued or building. */
  #see(chosen: Deployment): void {
    const { since } = this.#known;
    const now = Date.now();
    const key = chosen.phase === "queued" ? "queued" : chosen.phase === "building" ? "building" : undefined;
    const first = key !== undefined && since[key] === undefined ? { [key]: now } : {};
    if (chosen.phase === "ready" && this.#known.builds > 0) {
      this.#buildMs = Math.max(0, (chosen.readyAt ?? now) - chosen.createdAt);
      this.#tools.pace.learn(this.#buildMs);
    }
    this.#learn({ chosen, since: { ...since, ...first } });
  }

  async #look(): Promise<void> {
    const { source, projectId } = this.#goal;
    const { api, signal } = this.#tools;
    const of = source.kind === "git" ? { sha: source.sha } : { meta: [META.source, sourceId(source)] as const };
    const candidates = await api.deployments(projectId, of, signal);
    this.#learn({ candidates });
    const chosen = choose(candidates, this.#goal);
    if (chosen !== undefined) this.#see(chosen);
  }

  async #build(): Promise<void> {
    const { api, signal } = this.#tools;
    const builds = this.#known.builds + 1;
    try {
      const made = await createWithFiles(api, await buildBody(api, this.#goal, signal), this.#goal.source);
      this.#learn({ builds });
      this.#looks = 0;
      this.#see(made);
    } catch (error) {
      if (!isAmbiguous(error)) throw error;
      // It may have been made, or not: the next look tells.
      this.#cause = error;
      this.#learn({ builds, candidates: undefined });
      await sleep(LOST_MS * 2 ** (builds - 1), undefined, { signal });
    }
  }

  async #watch(id: string): Promise<void> {
    const { api, pace, lastBuildMs, signal } = this.#tools;
    const { chosen } = this.#known;
    const pause = pace.next(Math.max(0, Date.now() - (chosen?.createdAt ?? 0)), this.#looks, lastBuildMs);
    await sleep(pause, undefined, { signal });
    this.#looks += 1;
    const seen = await api.deployment(id, signal);
    if (seen === undefined) throw new ReleaseError("build-gone", { deployment: chosen });
    this.#see(seen);
  }

  async #check(): Promise<void> {
    const { check, api, signal, usual } = this.#tools;
    const { check: settings, projectId, deadlines, source } = this.#goal;
    const chosen = this.#known.chosen!;
    if (settings === undefined) return;
    const subject = {
      host: chosen.url,
      deploymentId: chosen.id,
      usual,
      ref: source.kind === "git" ? source.sha : "",
      bypass: async () => {
        const project = await api.project(projectId, signal);
        return project?.bypass[0] ?? (await api.createBypass(projectId));
      },
    };
    this.#checked = await check(subject, settings, { deadline: Date.now() + deadlines.checkMs, signal });
    this.#learn({ verdict: this.#checked.verdict });
  }

  async #promote(id: string): Promise<void> {
    const { since, promotions, live } = this.#known;
    const promotion = await this.#tools.api.promote(this.#goal.projectId, id);
    this.#looks = 0;
    this.#learn({
      promotion,
      promotions: promotions + 1,
      live: { id: live.id, sure: false },
      job: undefined,
      since: { ...since, promotion: since.promotion ?? Date.now() },
    });
  }

  async #verify(id: string): Promise<void> {
    const { api, signal } = this.#tools;
    const { hosts, projectId } = this.#goal;
    await sleep(nextPromotionLook(this.#looks), undefined, { signal });
    this.#looks += 1;
    const single = hosts.length > 0 && hosts.length <= MAX_HOSTS;
    if (single) {
      const targets = await Promise.all(hosts.map((host) => api.aliasTarget(host, signal)));
      if (targets.every((target) => target === id)) {
        this.#learn({ live: { id, sure: true }, hostsMoved: true });
        return;
      }
      await this.#refuseUnverified(hosts.filter((_, index) => targets[index] === undefined));
    }
    const project = await api.project(projectId, signal);
    const { live, job } = project ?? { live: undefined, job: undefined };
    const underWay = job?.to === id && job.status !== "succeeded" && job.status !== "skipped";
    const hostsMoved = !single && live?.id === id && !underWay;
    this.#learn({ live: { id: live?.id, sure: true }, hostsMoved, job });
  }

  /**
   * Promotions are reported to switch the project's `autoAssignCustomDomains` on, by which the next push would go live
   * unchecked. The release is live whatever comes of this look.
   */
  async #holdHosts(): Promise<string | undefined> {
    const { api, signal } = this.#tools;
    const { projectId } = this.#goal;
    try {
      const project = await api.project(projectId, signal);
      if (project === undefined || !project.autoAssign) return undefined;
      await api.holdHosts(projectId);
      return "the promotion let new deployments take the hosts by themselves (autoAssignCustomDomains); that is off again";
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      return `it is not known whether new deployments take the hosts by themselves (autoAssignCustomDomains): ${why}`;
    }
  }

  /** A domain that another account holds points at nothing of ours, however long it is waited for. */
  async #refuseUnverified(hosts: readonly string[]): Promise<void> {
    const { api, signal } = this.#tools;
    const { projectId } = this.#goal;
    const unverified: string[] = [];
    for (const host of hosts) {
      const seen = await api.domain(projectId, host, signal);
      if (seen === undefined || seen.verified) continue;
      const now = await api.verifyDomain(projectId, host, signal);
      if (now !== undefined && !now.verified) unverified.push(unverifiedText(host, now.challenges));
    }
    if (unverified.length === 0) return;
    throw new ReleaseError("domain-unverified", { deployment: this.#known.chosen, unverified });
  }

  async #failure(reason: Extract<Step, { do: "fail" }>["reason"]): Promise<ReleaseError> {
    const { chosen } = this.#known;
    const moved = reason === "promotion-failed" || reason === "promotion-deadline";
    const hosts = moved ? await this.#tools.api.unmoved(this.#goal.projectId).catch(() => []) : [];
    const evidenceFile = this.#checked && chosen && keepCheck(chosen.id, this.#checked);
    return new ReleaseError(reason, {
      deployment: chosen,
      checked: this.#checked,
      evidenceFile,
      hosts,
      cause: this.#cause,
    });
  }
}
