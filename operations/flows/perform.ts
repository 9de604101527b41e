import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { newRunId } from "../../fleet/backend/journal/journal.ts";
import { stateDir, writeAtomically } from "../../fleet/backend/store/state-dir.ts";
import { openBrowser } from "../../flows/browser.ts";
import { mailpit } from "../../flows/mailbox.ts";
import { type FlowsOptions, type FlowsVerdict, judgeFlows, runFlows } from "../../flows/run.ts";
import type { FlowResult } from "../../flows/types.ts";
import type { Catalog, Flow, Flows } from "../../model/index.ts";

/** What flows came to, and where what was seen of failures lies. */
export interface PerformedFlows {
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
  readonly verdict: FlowsVerdict;
  readonly results: readonly FlowResult[];
}

/** Where a browser goes. */
export interface Browsing {
  readonly flows: Flows;
  readonly services: Catalog["services"];
  /** `sitefleet:target`. */
  readonly target: string;
  /** At the addresses of {@link Flows.staging}. */
  readonly staging?: boolean | undefined;
  /** Closes the browser. */
  readonly signal: AbortSignal;
}

/** Where and how flows run. */
export interface PerformFlows extends Browsing, Pick<FlowsOptions, "onStart" | "onEnd" | "concurrency"> {
  readonly chosen: readonly Flow[];
}

/** Runs that are kept; older ones are deleted with their evidence. */
const KEEP = 20;

/** Folder of flows in the state directory. */
export const flowsFolder = (): string => join(stateDir(), "flows");

type Place = Pick<FlowsOptions, "browser" | "origin" | "hosts" | "mailbox" | "refused" | "evidence"> & {
  readonly run: string;
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
  const browser = await openBrowser();
  const stop = () => void browser.close().catch(() => {});
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
      refused: (flow) => refusal(flow, options, url),
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await browser.close().catch(() => {});
    forgetOld(flowsFolder());
  }
}

/** Runs flows in a browser and keeps what they came to. @throws SitefleetError those of {@link inBrowser} */
export function performFlows(options: PerformFlows): Promise<PerformedFlows> {
  const at = new Date().toISOString();
  return inBrowser(options, async ({ run, ...place }) => {
    const results = await runFlows({ ...options, ...place });
    const performed = { run, at, verdict: judgeFlows(results, options.flows.failurePercent), results };
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
  for (const name of readdirSync(folder).sort().reverse().slice(KEEP))
    rmSync(join(folder, name), { recursive: true, force: true });
}
