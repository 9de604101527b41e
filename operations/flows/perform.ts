import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { newRunId } from "../../fleet/backend/journal/journal.ts";
import { stateDir, writeAtomically } from "../../fleet/backend/store/state-dir.ts";
import { openBrowser } from "../../flows/browser.ts";
import { mailpit } from "../../flows/mailbox.ts";
import { type FlowsOptions, type FlowsVerdict, judgeFlows, runFlows } from "../../flows/run.ts";
import { takeAway } from "../../flows/try.ts";
import type { FlowResult, Left } from "../../flows/types.ts";
import { prepareVideo } from "../../flows/video.ts";
import type { Catalog, Flow, Flows } from "../../model/index.ts";
import { LeftBook, type TakenAway } from "./left.ts";

/** What flows came to, and where what was seen of failures lies. */
export interface PerformedFlows {
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
  readonly verdict: FlowsVerdict;
  readonly results: readonly FlowResult[];
  /** What runs that were killed had left; absent where it was nothing. */
  readonly takenAway?: readonly TakenAway[] | undefined;
}

/** Where a browser goes. */
export interface Browsing {
  readonly flows: Flows;
  readonly services: Catalog["services"];
  /** `sitefleet:target`. */
  readonly target: string;
  /** At the addresses of {@link Flows.staging}. */
  readonly staging?: boolean | undefined;
  /** Ends what is done; what flows left is taken away before the browser closes. */
  readonly signal: AbortSignal;
}

/** Where and how flows run. */
export interface PerformFlows extends Browsing, Pick<FlowsOptions, "onStart" | "onEnd" | "concurrency"> {
  readonly chosen: readonly Flow[];
  /** Told of each thing that a run which was killed had left. */
  readonly onTakenAway?: ((what: TakenAway) => void) | undefined;
}

/** Longest that taking away may last when the work is stopped, ms. */
const STOP_MS = 30_000;

/** Runs that are kept; older ones are deleted with their evidence. */
const KEEP = 20;

/** Folder of what tries may have left, beside those of runs. */
const LEFT = "left";

/** Folder of flows in the state directory. */
export const flowsFolder = (): string => join(stateDir(), "flows");

type Place = Pick<FlowsOptions, "browser" | "origin" | "hosts" | "mailbox" | "refused" | "evidence" | "video"> & {
  readonly run: string;
  readonly left: LeftBook;
  keep(id: string, left: Left): void;
  forget(id: string): void;
};

/**
 * Does something in a browser of its own, with a folder for what is seen.
 *
 * @throws SitefleetError `browser.missing`, `browser.start`, `health.address`, `health.ca`
 */
export async function inBrowser<Result>(options: Browsing, work: (place: Place) => Promise<Result>): Promise<Result> {
  const { flows, services, staging, signal } = options;
  const run = newRunId();
  const evidence = join(flowsFolder(), run);
  mkdirSync(evidence, { recursive: true, mode: 0o700 });
  const url = flows.mailbox && environment()[flows.mailbox.url];
  const hostOf = new Map(services.map(({ key, host }) => [key, host]));
  const origin = (service: string): string =>
    (staging ? flows.staging[service] : undefined) ?? `https://${hostOf.get(service) ?? ""}`;
  const hosts = new Set(services.map(({ key }) => new URL(origin(key)).host));
  const video = prepareVideo(join(stateDir(), "ffmpeg"));
  const browser = await openBrowser();
  const left = new LeftBook(join(flowsFolder(), LEFT));
  let late: NodeJS.Timeout | undefined;
  const stop = () => {
    late = setTimeout(() => void browser.close().catch(() => {}), STOP_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const mailbox = url ? mailpit(url) : undefined;
    return await work({
      run,
      browser,
      origin,
      hosts,
      mailbox,
      evidence,
      video,
      left,
      keep: (id, one) => left.keep(id, one),
      forget: (id) => left.forget(id),
      refused: (flow) => refusal(flow, options, url),
    });
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(late);
    await browser.close().catch(() => {});
    forgetOld(flowsFolder());
  }
}

/** Runs flows in a browser and keeps what they came to. @throws SitefleetError those of {@link inBrowser} */
export function performFlows(options: PerformFlows): Promise<PerformedFlows> {
  const at = new Date().toISOString();
  return inBrowser(options, async ({ run, left, ...place }) => {
    const timeout = options.flows.stepSeconds * 1000;
    const takenAway = await left.clean(options.flows.flows, (flow, one) => takeAway(flow, one, { ...place, timeout }));
    for (const one of takenAway) options.onTakenAway?.(one);
    const results = await runFlows({ ...options, ...place });
    const verdict = judgeFlows(results, options.flows.failurePercent);
    const performed = { run, at, verdict, results, ...(takenAway.length === 0 ? {} : { takenAway }) };
    writeAtomically(join(place.evidence, "result.json"), `${JSON.stringify(performed, null, 2)}\n`);
    return performed;
  });
}

/** Why a flow is not run here. Pure. */
export function refusal(
  { safe, service, steps }: Flow,
  { flows, target, staging }: Pick<PerformFlows, "flows" | "target" | "staging">,
  mailbox: string | undefined,
): string | undefined {
  if (staging && flows.staging[service] === undefined) return `flows.yaml gives ${service} no staging address`;
  if (!staging && !safe && !flows.testing.includes(target))
    return `it is not marked safe, and ${target || "this estate"} is not one for tests`;
  if (!mailbox && steps.some(({ mail }) => mail !== undefined))
    return `it waits for a mail, and ${flows.mailbox?.url ?? "the mailbox"} is not set`;
  return undefined;
}

function forgetOld(folder: string): void {
  const runs = readdirSync(folder).filter((name) => name !== LEFT);
  for (const name of runs.sort().reverse().slice(KEEP)) rmSync(join(folder, name), { recursive: true, force: true });
}
