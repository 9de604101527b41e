import pLimit from "p-limit";
import type { Vantage } from "../model/index.ts";
import { BYPASS_HEADER, checkFrom } from "./check.ts";
import { isProtected } from "./judge/page.ts";
import { isSlow, judgeTime, median } from "./judge/time.ts";
import { resultOf, verdictOf, withPeers } from "./judge/verdict.ts";
import { probe } from "./probe/probe.ts";
import { HERE, openVantage, type Way } from "./probe/way.ts";
import { type Times, usualOf } from "./times.ts";
import type { Finding, HealthResult, Target, VantageResult } from "./types.ts";

/** Targets at once. More only wait for the same two processors; measured with 1500, see docs/reference/health.md. */
export const DEFAULT_CONCURRENCY = 64;
/** Slow answers that are measured again, a few at a time, so that our own load does not make them slow. */
const CONFIRMED = 60;
const CONFIRM_CONCURRENCY = 4;
const CONFIRM_TIMES = 3;

/** How targets are checked. */
export interface RunOptions {
  /** @default one, `here`, by the environment */
  readonly vantages?: readonly Vantage[];
  /** Targets at once. @default {@link DEFAULT_CONCURRENCY} */
  readonly concurrency?: number;
  /** Earlier times. @default none: no time is judged */
  readonly times?: Times;
  readonly signal?: AbortSignal;
  /** No try is started after this, ms since 1970. @default none */
  readonly deadline?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Told of every target that is done; its verdict may still change with those of the others. */
  readonly onResult?: (result: HealthResult) => void;
}

/**
 * Checks targets from all vantages and judges them.
 *
 * @returns one result a target, in their order
 * @throws SitefleetError `health.address`, `health.ca`, `health.proxy-login`; what `signal` was aborted with
 */
export async function checkTargets(targets: readonly Target[], options: RunOptions = {}): Promise<HealthResult[]> {
  const {
    vantages = [HERE],
    concurrency = DEFAULT_CONCURRENCY,
    times = new Map(),
    signal,
    deadline,
    onResult,
  } = options;
  const ways = vantages.map((vantage) => openVantage(vantage, options.env));
  const limit = pLimit(concurrency);
  const rest = { signal, deadline };
  const results = await Promise.all(
    targets.map((target) =>
      limit(async () => {
        signal?.throwIfAborted();
        const found: VantageResult[] = [];
        for (const way of ways) found.push(timed(target, await checkFrom(target, way, rest), times));
        const result = resultOf(shownOf(target), found);
        onResult?.(result);
        return result;
      }),
    ),
  );
  return withPeers(await confirmSlow(targets, results, ways, times, signal));
}

/** What a result repeats of its target. Pure. */
function shownOf(target: Target): Parameters<typeof resultOf>[0] {
  const { id, kind, host, origin, check, zone, cell, service } = target;
  return {
    id,
    kind,
    host,
    url: `${origin}${check.path}`,
    zone,
    cell,
    service,
  };
}

/** Adds what is usual, and the judgement of the time; of what fails anyway no time is judged. Pure. */
function timed(target: Target, result: VantageResult, times: Times): VantageResult {
  const { milliseconds, verdict, findings, vantage } = result;
  if (verdict !== "pass" || milliseconds === undefined) return result;
  const usual = usualOf(times, vantage, target);
  // A deployment's address is new, so usual times are known only from other deployments of the site.
  if (target.kind === "deployment" && usual === undefined) return result;
  return withTime(target, { ...result, findings }, milliseconds, usual);
}

function withTime(target: Target, result: VantageResult, ms: number, usual: number | undefined): VantageResult {
  const others = result.findings.filter(({ about }) => about !== "time");
  const findings: Finding[] = [...others, judgeTime(ms, usual, target.check.slow)];
  return {
    ...result,
    findings,
    verdict: verdictOf(findings),
    milliseconds: ms,
    ...(usual === undefined ? {} : { baselineMs: usual }),
  };
}

/** Measures slow answers again when nothing else is going on. */
async function confirmSlow(
  targets: readonly Target[],
  results: readonly HealthResult[],
  ways: readonly Way[],
  times: Times,
  signal: AbortSignal | undefined,
): Promise<HealthResult[]> {
  const limit = pLimit(CONFIRM_CONCURRENCY);
  let left = CONFIRMED;
  return Promise.all(
    results.map(async (result, index) => {
      const target = targets[index];
      if (target === undefined || !result.vantages.some((one) => slow(target, one))) return result;
      const confirm = left-- > 0;
      const vantages = await Promise.all(
        result.vantages.map(async (one) => {
          const way = ways.find(({ name }) => name === one.vantage);
          if (!slow(target, one) || way === undefined) return one;
          if (!confirm) return unconfirmed(one);
          return limit(async () => {
            const again = await measure(target, way, signal);
            return again === undefined
              ? unconfirmed(one)
              : withTime(target, one, again, usualOf(times, way.name, target));
          });
        }),
      );
      return resultOf(result, vantages);
    }),
  );
}

function slow({ check }: Target, { milliseconds, baselineMs }: VantageResult): boolean {
  return milliseconds !== undefined && isSlow(milliseconds, baselineMs, check.slow);
}

/** Median of a few answers; undefined when one of them fails. */
async function measure(target: Target, way: Way, signal: AbortSignal | undefined): Promise<number | undefined> {
  const { check, origin } = target;
  const taken: number[] = [];
  let secret: string | undefined;
  const ask = () => {
    const question = {
      url: `${origin}${check.path}`,
      timeoutMs: check.timeoutSeconds * 1000,
      verify: check.tls.verify,
      headers: secret === undefined ? undefined : { [BYPASS_HEADER]: secret },
    };
    return probe(question, way, signal);
  };
  for (let turn = 0; turn < CONFIRM_TIMES; turn++) {
    let seen = await ask();
    if (secret === undefined && target.bypass && seen.answer && isProtected(seen.answer)) {
      secret = await target.bypass();
      if (secret !== undefined) seen = await ask();
    }
    const { answer, timing } = seen;
    if (answer === undefined || timing.firstMs === undefined) return undefined;
    taken.push(timing.firstMs);
  }
  return median(taken);
}

/** A single time among hundreds of questions at once says too little to fail a host. */
function unconfirmed(one: VantageResult): VantageResult {
  const findings = one.findings.map((finding): Finding => {
    if (finding.about !== "time" || finding.verdict !== "fail") return finding;
    return { ...finding, verdict: "note", text: `${finding.text} (measured once)` };
  });
  return { ...one, findings, verdict: verdictOf(findings) };
}
