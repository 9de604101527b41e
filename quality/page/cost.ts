/** What a measurement takes. */
export interface MeasuringPlan {
  readonly pages: number;
  readonly runs: number;
  /** Browsers at once: two processors for each, since a score depends on how busy they are. */
  readonly browsers: number;
  readonly seconds: number;
}

/** Seconds of a run on two processors, measured (docs/guides/quality.md). */
const RUN_SECONDS = 9;
/** Processors that one browser keeps busy. */
const CORES = 2;

/** What measuring so many pages takes. @param seconds of an earlier run; @default {@link RUN_SECONDS} Pure. */
export function planMeasuring(
  pages: number,
  runs: number,
  cores: number,
  seconds: number = RUN_SECONDS,
): MeasuringPlan {
  const browsers = Math.max(1, Math.floor(cores / CORES));
  return { pages, runs: pages * runs, browsers, seconds: Math.ceil(pages / browsers) * runs * seconds };
}
