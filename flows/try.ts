import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Browser, BrowserContext } from "playwright-core";
import { plainLine } from "../errors/plain.ts";
import type { Flow, FlowStep } from "../model/index.ts";
import { doStep, inWords, type StepPlace } from "./step.ts";
import type { FlowTry, FlowUser } from "./types.ts";

/** How a flow is tried. */
export interface TryOptions extends Omit<StepPlace, "page" | "user"> {
  readonly browser: Browser;
  readonly user: FlowUser;
  /** Folder for the evidence of a failure. */
  readonly evidence: string;
  /** Called before the clean-up of a flow that passed, with its page: for a picture. */
  readonly onPage?: ((context: StepPlace) => Promise<void>) | undefined;
}

/** The browser closes with this on a phone and on a desktop alike. */
const VIEWPORT = { width: 1280, height: 800 };

/** Goes through a flow once, in a browser session of its own, and takes away what it left. Never throws for what a page does. */
export async function tryFlow(flow: Flow, options: TryOptions): Promise<FlowTry> {
  const started = Date.now();
  const context = await options.browser.newContext({ viewport: VIEWPORT, locale: "en", serviceWorkers: "block" });
  try {
    // The trace holds a picture of each moment: it stands in for a video, for which Debian has no program that fits.
    await context.tracing.start({ screenshots: true, snapshots: true });
    const page = await context.newPage();
    const place = { ...options, page };
    const failed = await walk(flow.steps, place);
    if (failed === undefined) await options.onPage?.(place);
    const evidence = failed === undefined ? [] : await keepEvidence(context, place, options.evidence);
    const url = failed === undefined ? undefined : plainLine(page.url());
    const left = await walk(flow.cleanup, place);
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

async function walk(
  steps: readonly FlowStep[],
  place: StepPlace,
): Promise<{ readonly step: number; readonly reason: string } | undefined> {
  for (const [index, step] of steps.entries()) {
    try {
      await doStep(step, place);
    } catch (error) {
      return { step: index + 1, reason: `step ${index + 1}, ${plainLine(inWords(step))}: ${why(error)}` };
    }
  }
  return undefined;
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
