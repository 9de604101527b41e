import { randomBytes } from "node:crypto";
import { join } from "node:path";
import pLimit from "p-limit";
import type { Browser } from "playwright-core";
import type { Flow, Flows } from "../model/index.ts";
import type { Mailbox } from "./mailbox.ts";
import { type TryOptions, tryFlow } from "./try.ts";
import type { FlowResult, FlowTry, FlowUser, Left } from "./types.ts";

/** How flows are run. */
export interface FlowsOptions {
  readonly browser: Browser;
  readonly flows: Flows;
  /** Those that are run, in this order. */
  readonly chosen: readonly Flow[];
  /** Address of a service, without a slash at the end. */
  origin(service: string): string;
  readonly hosts: ReadonlySet<string>;
  readonly mailbox?: Mailbox | undefined;
  /** Why a flow may not run here; undefined when it may. */
  refused(flow: Flow): string | undefined;
  /** Folder for evidence. */
  readonly evidence: string;
  readonly signal: AbortSignal;
  /** Can videos be made here? The last try of a flow has one: those before would cost most and show the same. @default false */
  readonly video?: boolean | undefined;
  /** Keeps what a try may leave under an id, for a later process. */
  readonly keep?: ((id: string, left: Left) => void) | undefined;
  readonly forget?: ((id: string) => void) | undefined;
  /** Flows at once. @default 2 */
  readonly concurrency?: number | undefined;
  readonly onStart?: ((flow: string) => void) | undefined;
  readonly onEnd?: ((result: FlowResult) => void) | undefined;
  /** For tests. @default {@link tryFlow} */
  readonly attempt?: ((flow: Flow, options: TryOptions) => Promise<FlowTry>) | undefined;
}

/** A test user of its own for a try of a flow. */
export function newUser({ user }: Pick<Flows, "user">): FlowUser {
  const run = randomBytes(5).toString("hex");
  const of = (text: string): string => text.replaceAll("{run}", run);
  return { run, mail: of(user.mail), name: of(user.name), password: randomBytes(12).toString("base64url") };
}

/** Runs flows. One that fails is repeated: when it passes then, it counts as flaky and is told as such. Results in the order of {@link FlowsOptions.chosen}. */
export function runFlows(options: FlowsOptions): Promise<FlowResult[]> {
  const limit = pLimit(options.concurrency ?? 2);
  return Promise.all(options.chosen.map((flow) => limit(() => runFlow(flow, options))));
}

async function runFlow(flow: Flow, options: FlowsOptions): Promise<FlowResult> {
  const { key, title, service } = flow;
  const { flows, attempt = tryFlow } = options;
  const facts = { flow: key, title, service };
  const refused = options.signal.aborted ? "it was stopped" : options.refused(flow);
  const tries: FlowTry[] = [];
  if (refused === undefined) {
    options.onStart?.(key);
    do {
      const user = newUser(flows);
      const place: TryOptions = {
        browser: options.browser,
        user,
        signal: options.signal,
        video: options.video && tries.length === flows.repeats,
        keep: (left) => options.keep?.(user.run, left),
        forget: () => options.forget?.(user.run),
        origin: options.origin(service),
        hosts: options.hosts,
        mailbox: options.mailbox,
        timeout: flows.stepSeconds * 1000,
        evidence: join(options.evidence, `${key}-${tries.length + 1}`),
      };
      tries.push(await attempt(flow, place));
    } while (!tries.at(-1)?.ok && tries.length <= flows.repeats && !options.signal.aborted);
  }
  const result: FlowResult = { ...facts, ...judged(tries, refused), tries };
  options.onEnd?.(result);
  return result;
}

/** What tries come to. Pure. */
function judged(tries: readonly FlowTry[], refused: string | undefined): Pick<FlowResult, "state" | "reason"> {
  const [first] = tries;
  if (first === undefined) return { state: "not-run", reason: refused ?? "" };
  if (first.ok) return { state: "pass", reason: "" };
  const passed = tries.at(-1)?.ok === true;
  return passed
    ? { state: "flaky", reason: `passed when it was repeated; before: ${first.reason}` }
    : { state: "fail", reason: first.reason };
}

/** The verdict on flows. */
export interface FlowsVerdict {
  readonly ok: boolean;
  /** Percent of the flows that were run. */
  readonly failedPercent: number;
  readonly failed: number;
  readonly flaky: number;
  readonly notRun: number;
  readonly sentence: string;
}

/** Judges flows: more than so many percent failing is a failure of the release. Flaky ones are counted and do not fail it. Pure. */
export function judgeFlows(results: readonly FlowResult[], failurePercent: number): FlowsVerdict {
  const count = (state: FlowResult["state"]): number => results.filter((result) => result.state === state).length;
  const [failed, flaky, notRun] = [count("fail"), count("flaky"), count("not-run")];
  const ran = results.length - notRun;
  const failedPercent = ran === 0 ? 0 : (failed / ran) * 100;
  const names = results.filter(({ state }) => state === "fail").map(({ flow }) => flow);
  const parts = [
    `${failed} of ${ran} flows fail${failed === 0 ? "" : ` (${Math.round(failedPercent)} %): ${names.join(", ")}`}`,
    ...(flaky > 0 ? [`${flaky} flaky`] : []),
    ...(notRun > 0 ? [`${notRun} not run`] : []),
  ];
  return { ok: failedPercent <= failurePercent, failedPercent, failed, flaky, notRun, sentence: parts.join("; ") };
}
