import { availableParallelism } from "node:os";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { readSafeguard, SAFEGUARDS } from "../../fleet/run/preflight/index.ts";
import { GATE_IDS } from "../../model/index.ts";
import { readDuration } from "./duration.ts";
import { flag } from "./flags.ts";
import { collectHosts } from "./host.ts";

/** Stacks at once when nothing else is said: the engine of one stack waits often enough for half another. */
export const DEFAULT_CONCURRENCY = Math.max(2, Math.ceil(availableParallelism() * 1.5));

/** Seconds to wait for another run's locks when nothing else is said. */
export const DEFAULT_LOCK_TIMEOUT = 120;

/** Reads a whole number from a command line. @throws SitefleetError `usage` */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new SitefleetError({ code: "usage", message: `${option} takes a whole number from 1 on, not ${text}` });
  };
}

const names = () => z.array(z.string()).optional();
const whole = () => z.int().min(1).optional();

/** How much is done at once. @param stacks Stacks at once where nothing else is said. */
export const concurrencyFields = (stacks: number = DEFAULT_CONCURRENCY) => ({
  concurrency: flag(
    // The number is this machine's, and the schema is not.
    whole().describe("stacks at once; by default a number that suits the processors"),
    "--concurrency <n>",
    `stacks at once (default: ${stacks})`,
    wholeNumber("--concurrency"),
  ),
  parallel: flag(
    whole(),
    "--parallel <n>",
    "resource operations at once inside a stack (default: the engine's)",
    wholeNumber("--parallel"),
  ),
});

/** Which stacks a run is about, and how much is done at once. */
export const fleetFields = () => ({
  stack: flag(names(), "--stack <name>", "only this stack; may be given several times"),
  cell: flag(
    names(),
    "--cell <name>",
    "only this cell (`canary`, else a number, e.g. `07`), or several with commas; may be given several times",
  ),
  except: flag(names(), "--except <name>", "not this stack; may be given several times"),
  all: flag(
    z.boolean().optional(),
    "--all",
    "open every stack, also those whose digest says that they are as declared",
  ),
  ...concurrencyFields(),
});

/** How long other runs are waited for. @param where What they hold. */
export const lockField = (where = "the same stacks") => ({
  lockTimeout: flag(
    whole(),
    "--lock-timeout <seconds>",
    `how long to wait for another run on ${where} (default: ${DEFAULT_LOCK_TIMEOUT})`,
    wholeNumber("--lock-timeout"),
  ),
});

/** Machines that are gone. @param what What of theirs is taken over. */
export const goneField = (what = "what its engines have locked") => ({
  gone: flag(
    names(),
    "--gone <host>",
    `this machine is gone for certain: ${what} is taken over; may be given several times`,
  ),
});

/** What `--allow` names: safeguards of the preflight, and rules of gates.yaml that stop. */
const LIFTABLE = [...new Set([...SAFEGUARDS, ...GATE_IDS])] as const;

/** Safeguards and rules that are lifted for one run, and the yes of others. */
export const allowField = () => ({
  allow: flag(
    z.array(z.enum(LIFTABLE as [string, ...string[]])).optional(),
    "--allow <name>",
    `lift one safeguard (${SAFEGUARDS.join(", ")}) or one rule of gates.yaml that stops, for this run; may be given several times`,
    (text, before) => [...((before as string[] | undefined) ?? []), readSafeguard(text, LIFTABLE)],
  ),
  why: flag(z.string().min(1).optional(), "--why <text>", "why something is lifted; kept in the run's journal"),
});

/** What the gates are told of a run that begins. */
export const gateFields = () => ({
  hotfix: flag(
    names(),
    "--hotfix <name>",
    "in a freeze: this service or site is mended, and nothing else changes; may be given several times",
  ),
  approval: flag(names(), "--approval <file>", "an approval beside those of approvals/; may be given several times"),
});

/** How a run keeps to the vendors' limits. Durations in seconds. */
export const budgetFields = () => ({
  urgent: flag(
    names(),
    "--urgent <host>",
    "this site first, ahead of everything; may be given several times",
    (text, before) => collectHosts(text, before as string[] | undefined),
  ),
  jobLimit: flag(
    z.number().positive().optional(),
    "--job-limit <duration>",
    "a CI job's limit (default: 6h)",
    readDuration("--job-limit"),
  ),
  margin: flag(
    z.number().positive().optional(),
    "--margin <duration>",
    "kept free at a job's end (default: 10m, at most a quarter of it)",
    readDuration("--margin"),
  ),
  certificates: flag(z.boolean().optional(), "--no-certificates", "leave Let's Encrypt's weekly limit out"),
});
const budget = z.object(budgetFields());
/** See {@link budgetFields}. */
export type BudgetInput = z.infer<typeof budget>;

const fleet = z.object({ ...fleetFields(), refresh: z.boolean().optional() });
/** See {@link fleetFields}. */
export type FleetInput = z.infer<typeof fleet>;

const allow = z.object({ ...allowField(), ...gateFields() });
/** See {@link allowField}. */
export type AllowInput = z.infer<typeof allow>;
