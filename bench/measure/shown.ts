/** An event of a run, as far as it is counted here. */
export interface Counted {
  /** ISO 8601. */
  readonly at: string;
  readonly event: string;
  readonly operation?: string;
  readonly total?: number;
  readonly stacks?: number;
  readonly stack?: string;
  readonly ok?: boolean;
  readonly wave?: string;
}

/** What the page says at a moment. Absent: it says nothing of it. */
export interface Sample {
  /** By the page's clock, ms since 1970. */
  readonly t: number;
  /** When the server read what is shown, ms since 1970. */
  readonly at: number;
  readonly stale: boolean;
  /** Why it shows nothing new. */
  readonly state: string;
  /** The line of the run's stacks. */
  readonly figures?: string | undefined;
  /** Sites of waves that have passed. */
  readonly passed?: number | undefined;
}

/** From when on, ms since 1970, something was so; until the next. */
interface Phase<Value> {
  readonly from: number;
  readonly value: Value;
}

/**
 * The line of figures after each event. Counted here anew, from the events' text alone: what is compared with the page is not worked out
 * by the page's own code. Pure. @param events of one run, in their order
 */
function linesOf(events: readonly Counted[]): Phase<string | undefined>[] {
  const active = new Set<string>();
  let [total, done, failed] = [0, 0, 0];
  return events.map(({ at, event, ...own }) => {
    if (event === "started") total += own.total ?? 0;
    if (event === "more") total += own.stacks ?? 0;
    if (event === "stack-started") active.add(own.stack ?? "");
    if (event === "stack-ended") {
      active.delete(own.stack ?? "");
      if (own.ok) done++;
      else failed++;
    }
    const left = total - done - failed - active.size;
    const line = `${done} done, ${failed} failed, ${active.size} active, ${left} queued of ${total} stacks`;
    return { from: Date.parse(at), value: event === "ended" ? undefined : line };
  });
}

/** How many sites have passed, after each event that changes it. Pure. @param sizes sites by wave */
function passedOf(events: readonly Counted[], sizes: ReadonlyMap<string, number>): Phase<number>[] {
  let passed = 0;
  const first = events[0] ? [{ from: Date.parse(events[0].at), value: 0 }] : [];
  return [
    ...first,
    ...events.flatMap(({ at, event, wave = "" }) => {
      if (event !== "wave-passed") return [];
      passed += sizes.get(wave) ?? 0;
      return [{ from: Date.parse(at), value: passed }];
    }),
  ];
}

/**
 * How far behind a moment what is shown is, ms; undefined where it was never so until then. Pure.
 *
 * @param early what is kept in two places may be seen so much before its event, ms
 */
function behind<Value>(phases: readonly Phase<Value>[], shown: Value, t: number, early: number): number | undefined {
  const lags = phases.flatMap(({ from, value }, index) => {
    if (value !== shown || from - early > t) return [];
    const until = phases[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return [Math.max(0, t - until)];
  });
  return lags.length === 0 ? undefined : Math.min(...lags);
}

/** A rollout's record is written a moment before its event, ms. */
const EARLY = { run: 0, rollout: 1000 };

/** What a comparison came to. */
export interface Found {
  /** Seconds that were compared. */
  readonly compared: number;
  /** For people: what the page said, and when. */
  readonly differences: readonly string[];
  /** The most that the page was behind the events while it was connected and did not say that it is stale, ms. */
  readonly behind: number;
}

/**
 * Holds what the page said at each second against the events. The rule: what it says of the run, and what it says of the rollout, are each what
 * the events up to some moment before came to; how far before is measured. Pure.
 *
 * @param waves sites by wave
 * @param cut when the page had no connection, ms since 1970: how far behind it is meanwhile is the cut's
 */
export function compare(
  samples: readonly Sample[],
  events: readonly Counted[],
  waves: ReadonlyMap<string, number>,
  cut: { readonly from: number; readonly to: number },
): Found {
  const [lines, passed] = [linesOf(events), passedOf(events, waves)];
  const began = lines[0]?.from ?? Number.POSITIVE_INFINITY;
  const differences: string[] = [];
  let most = 0;
  const hold = (what: string, sample: Sample, lag: number | undefined, shown: unknown) => {
    const when = `${new Date(sample.t).toISOString().slice(11, 23)}, read ${sample.t - sample.at} ms before`;
    if (lag === undefined) differences.push(`${when}: ${what} ${shown} never was`);
    else if (!sample.stale && (sample.t < cut.from || sample.at >= cut.to)) most = Math.max(most, lag);
  };
  const seen = samples.filter(({ t }) => t >= began);
  for (const sample of seen) {
    const { t, figures, passed: sites } = sample;
    const none = [{ from: 0, value: undefined }, ...lines];
    hold("the run's line", sample, behind(none, figures, t, EARLY.run), figures);
    if (sites !== undefined) hold("the sites that passed", sample, behind(passed, sites, t, EARLY.rollout), sites);
  }
  return { compared: seen.length, differences, behind: most };
}
