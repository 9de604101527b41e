import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { plainLine } from "../errors/plain.ts";
import type { Flow, FlowStep } from "../model/index.ts";
import { doStep, inWords, type StepPlace } from "./step.ts";
import type { FlowTry, FlowUser, Left } from "./types.ts";
import { keepVideo } from "./video.ts";

/** How a flow is tried. */
export interface TryOptions extends Omit<StepPlace, "page" | "user"> {
  readonly browser: Browser;
  readonly user: FlowUser;
  /** Folder for the evidence of a failure. */
  readonly evidence: string;
  /** Records a video, which is kept of a failure. @default false */
  readonly video?: boolean | undefined;
  /** Ends the steps at once; what they left is still taken away. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps what this try may leave, before it does and after each step: a process that is killed takes nothing away. */
  readonly keep?: ((left: Left) => void) | undefined;
  /** Nothing is left of this try. */
  readonly forget?: (() => void) | undefined;
  /** Called before the clean-up of a flow that passed, with its page: for a picture. */
  readonly onPage?: ((context: StepPlace) => Promise<void>) | undefined;
}

/** A visitor's browser. */
const PROFILE = { viewport: { width: 1280, height: 800 }, locale: "en", serviceWorkers: "block" } as const;

/** Goes through a flow once, in a browser session of its own, and takes away what it left. Never throws for what a page does. */
export async function tryFlow(flow: Flow, options: TryOptions): Promise<FlowTry> {
  if (!options.video) return carryOut(flow, options, {});
  const dir = join(options.evidence, "recording");
  const tried = await carryOut(flow, options, { recordVideo: { dir, size: PROFILE.viewport } });
  const film = await keepVideo(dir, tried.ok ? undefined : join(options.evidence, "video.webm"));
  return { ...tried, evidence: [...tried.evidence, ...film] };
}

async function carryOut(flow: Flow, options: TryOptions, more: BrowserContextOptions): Promise<FlowTry> {
  const started = Date.now();
  const { user, origin, signal } = options;
  const keeps = flow.cleanup.length > 0 ? options.keep : undefined;
  const keep = (session?: Left["session"]) => keeps?.({ flow: flow.key, origin, user, session });
  keep();
  const context = await options.browser.newContext({ ...PROFILE, ...more });
  try {
    // The trace holds a picture of each moment: it stands in for a video where there is no ffmpeg.
    await context.tracing.start({ screenshots: true, snapshots: true });
    const page = await context.newPage();
    const place = { ...options, page };
    // A step that goes on to another page just now leaves the session of the step before.
    const after = keeps && (() => context.storageState().then(keep, () => {}));
    const failed = await walk(flow.steps, place, { signal, after });
    if (failed === undefined) await options.onPage?.(place);
    const evidence = failed === undefined ? [] : await keepEvidence(context, place, options.evidence);
    const url = failed === undefined ? undefined : plainLine(page.url());
    const left = await walk(flow.cleanup, place);
    if (left === undefined) options.forget?.();
    const reason = failed?.reason ?? (left === undefined ? "" : `what it left could not be taken away: ${left.reason}`);
    return {
      ok: reason === "",
      reason,
      step: failed?.step,
      url,
      evidence,
      left: left?.reason,
      milliseconds: Date.now() - started,
    };
  } catch (error) {
    return {
      ok: false,
      reason: why(error),
      milliseconds: Date.now() - started,
      evidence: [],
      left: "the browser ended",
    };
  } finally {
    await context.close().catch(() => {});
  }
}

/**
 * Takes away what a try of an earlier run left, in its session.
 *
 * @returns why it could not; undefined when it did
 */
export async function takeAway(
  { cleanup }: Flow,
  { user, origin, session }: Left,
  options: Omit<StepPlace, "page" | "user" | "origin"> & { readonly browser: Browser },
): Promise<string | undefined> {
  try {
    const context = await options.browser.newContext({ ...PROFILE, storageState: session });
    try {
      return (await walk(cleanup, { ...options, user, origin, page: await context.newPage() }))?.reason;
    } finally {
      await context.close().catch(() => {});
    }
  } catch (error) {
    return why(error);
  }
}

interface Walk {
  readonly signal?: AbortSignal | undefined;
  readonly after?: (() => Promise<void>) | undefined;
}

async function walk(
  steps: readonly FlowStep[],
  place: StepPlace,
  { signal, after }: Walk = {},
): Promise<{ readonly step: number; readonly reason: string } | undefined> {
  for (const [index, step] of steps.entries()) {
    try {
      await unless(signal, () => doStep(step, place));
      await after?.();
    } catch (error) {
      return { step: index + 1, reason: `step ${index + 1}, ${plainLine(inWords(step))}: ${why(error)}` };
    }
  }
  return undefined;
}

/** Work that a stop does not wait for: what follows leads its page elsewhere. */
async function unless(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  const ended = new AbortController();
  const stopped = new Promise<never>((_, fail) => {
    signal.addEventListener("abort", () => fail(new Error("it was stopped")), { once: true, signal: ended.signal });
  });
  const done = work();
  done.catch(() => {});
  return Promise.race([done, stopped]).finally(() => ended.abort());
}

/** The first line of what a browser says, without its colours. */
const why = (error: unknown): string =>
  plainLine(stripVTControlCharacters(String((error as Error)?.message ?? error)).split("\n")[0] ?? "").slice(0, 300);

/** A picture of the page and the trace. What cannot be kept is left out: the failure is told either way. */
async function keepEvidence(context: BrowserContext, { page }: StepPlace, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const [picture, trace] = [join(folder, "page.png"), join(folder, "trace.zip")];
  const kept = await Promise.allSettled([
    page.screenshot({ path: picture, fullPage: true, timeout: 10_000 }).then(() => picture),
    context.tracing.stop({ path: trace }).then(() => trace),
  ]);
  return kept.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
