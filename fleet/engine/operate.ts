import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { childEnvironment, environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { targetsOf } from "../../stacks/plesk-targets.ts";
import type { Inputs, Program } from "../../stacks/program.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { runStack } from "../../stacks/run-stack.ts";
import { targetUrns } from "../../stacks/site-targets.ts";
import { remoteStore } from "../backend/copy/working-copy.ts";
import { engineHolder } from "../backend/locks/engine-locks.ts";
import type { StackKey } from "../backend/secrets/stack-key.ts";
import { brokenAttributes } from "../backend/states/mend.ts";
import { checkpointOf, resourcesOf } from "../backend/states/state-files.ts";
import { withoutPasswords } from "../backend/store/backend-url.ts";
import { fileBackend } from "../backend/store/file-backend.ts";
import type { Adopted } from "./adoption/create.ts";
import type { AdoptionProviders } from "./adoption/providers.ts";
import { adoptionTargets } from "./adoption/targets.ts";
import { Attempts } from "./attempts.ts";
import { engineCommand } from "./engine-command.ts";
import type { FailedCreate } from "./failed-creates.ts";
import type { Job, JobResult } from "./job.ts";
import { leanCommand } from "./lean-command.ts";
import { canLook, LiveLook, lookLive } from "./live-look.ts";
import { newStack } from "./new-stack.ts";
import { endedUrn, type Outcome, type Step } from "./outcome.ts";
import { recordsInTheWay, recordsOf } from "./records-in-the-way.ts";
import type { RepairReport } from "./repair-report.ts";
import { type Scratch, scratchBackend } from "./scratch.ts";

/** Told of the resources that the engine is at work on. */
export interface StepWatch {
  started(step: Step): void;
  /** Well or not. @param urn of the resource */
  ended(urn: string): void;
}

/** Takes over objects that creates have met: `adoptConflicts` of `fleet/repair`, which stands above this floor. */
export type Adoption = (
  stack: string,
  conflicts: readonly FailedCreate[],
  options: { readonly configFile: string },
) => Promise<RepairReport>;

/** What of the engine's work a service of ours does (`backend/service`). */
export interface EngineServices {
  /** The working copy whose service the engine tells its steps to. @default it writes the state itself */
  readonly journalIn?: string;
  /** The key of the stacks' secrets, with which a service opens and closes them. @default the engine makes it */
  readonly key?: StackKey;
}

/** Updates of one stack in a run: with each, what the one before had met is taken over. Several kinds of objects of a site follow on each other. */
const ADOPTIONS = 6;

/**
 * Runs one operation with the real engine through the Automation API. The program runs in this process; never more than
 * one at a time in it, since an unhandled rejection of one program would be counted against the others as well.
 *
 * @param services what of the engine's work a service of ours does. @default the engine does all itself
 */
export async function operate(
  job: Job,
  inputs: Program,
  watch: StepWatch,
  adoption: Adoption,
  signal?: AbortSignal,
  { journalIn, key }: EngineServices = {},
): Promise<JobResult> {
  const started = Date.now();
  const attempts = new Attempts();
  let repaired: RepairReport | undefined;
  let scratch: Scratch | undefined;
  let readers: AdoptionProviders | undefined;
  const configFile = resolve(PROJECT_ROOT, job.configFile);
  const failed = (message: string): JobResult => {
    const outcome = attempts.outcome();
    const errors = outcome.errors.length > 0 ? outcome.errors : [message];
    const report = repaired === undefined ? {} : { repaired };
    return { ...outcome, errors, ...report, stack: job.stack, ok: false, milliseconds: Date.now() - started };
  };
  try {
    // A preview writes nothing: neither makes it the stack, nor mends what keeps the engine from opening it.
    if (job.operation === "preview" && (!job.exists || brokenAttributes().length > 0 || (await isRemote())))
      scratch = await scratchBackend(job.stack, configFile, environment(), job.shared);
    if (!job.exists && scratch === undefined) await newStack(job.stack, configFile);
    const states = scratch?.dir ?? fileBackend(environment());
    let look = states !== undefined && key && canLook(job, states) ? new LiveLook() : undefined;
    const command = leanCommand(await engineCommand(), {
      exists: true,
      journalIn,
      readIn: states,
      key,
      settled: job.refresh ? undefined : job.settled,
      sites: partly(job),
      onLeft: (left) => attempts.left(left),
      onEvent: (event) => {
        look?.add(event);
        const step = attempts.add(event);
        if (step) watch.started(step);
        const ended = endedUrn(event);
        if (ended !== undefined) watch.ended(ended);
      },
    });
    if (job.adopt) readers = await readersOf(job.adopt);
    const envVars = { ...childEnvironment(), ...readers?.env };
    const workspace = await LocalWorkspace.create({
      workDir: PROJECT_ROOT,
      pulumiCommand: command,
      envVars: { ...envVars, ...(scratch ? { PULUMI_BACKEND_URL: scratch.url } : {}) },
      // Taking a stack down or reading what is live needs the state alone; the engine refuses inline programs for it
      // before 3.181.
      ...(runsProgram(job) ? { program: () => program(inputs, job) } : {}),
    });
    const stack = await Stack.select(job.stack, workspace);
    const common = {
      configFile,
      suppressProgress: true,
      suppressOutputs: true,
      color: "never" as const,
      ...(job.parallel === undefined ? {} : { parallel: job.parallel }),
      ...(job.refresh ? { refresh: true } : {}),
      ...((job.keepGoing || job.adopt) && job.operation === "up" ? { continueOnError: true } : {}),
      ...(job.plan !== undefined && runsProgram(job) ? { plan: job.plan } : {}),
      ...(job.services === undefined ? {} : { target: await targets(inputs, job.stack, job.services) }),
      ...(job.sites === undefined ? {} : { target: targetUrns(job.stack, job.sites) }),
      ...(job.adopt === undefined ? {} : { target: adoptionTargets(job.stack, job.adopt) }),
      ...(signal ? { signal } : {}),
    };
    if (look) {
      const { refresh: _read, ...rest } = common;
      await lookLive(stack, rest);
      const found = look.outcome();
      if (found)
        return { ...attempts.outcome(), ...found, stack: job.stack, ok: true, milliseconds: Date.now() - started };
      look = undefined;
      attempts.went(false);
    }
    const lasting = job.operation !== "preview";
    let options: typeof common & { plan?: string } = common;
    const first = await inTheWay(stack, job, inputs);
    if (first.length > 0) {
      const bare = await LocalWorkspace.create({ workDir: PROJECT_ROOT, pulumiCommand: command, envVars });
      const { refresh: _later, plan: _made, continueOnError: _all, ...rest } = { ...common } as Record<string, unknown>;
      await (await Stack.select(job.stack, bare)).destroy({ ...rest, target: first });
      attempts.went();
      // The plan holds for a state in which they were still there.
      const { plan: _used, ...later } = options;
      options = later;
    }
    for (;;) {
      try {
        await carryOut(stack, job, options);
        break;
      } catch (error) {
        // What our service could not keep is told; another attempt would begin with an older state.
        if (signal?.aborted || error instanceof SitefleetError || (job.adopt && isSettled(attempts.outcome())))
          throw error;
        const report = lasting ? await adopt(job, attempts, configFile, adoption) : undefined;
        if (report)
          repaired = repaired ? { ...report, resources: [...repaired.resources, ...report.resources] } : report;
        const adopted = report?.ok && report.resources.some(({ outcome }) => outcome === "adopted");
        if ((report && !report.ok) || (!adopted && !attempts.worthwhile(lasting))) throw error;
        if (!adopted) await sleep(attempts.pause(), undefined, signal ? { signal } : {});
        attempts.next(lasting);
        // A plan holds for what was there when it was made. What is declared, which was reviewed, stays the same.
        if (lasting) {
          const { plan: _used, ...rest } = options;
          options = rest;
        }
      }
    }
    const report = repaired === undefined ? {} : { repaired };
    return { ...attempts.outcome(), ...report, stack: job.stack, ok: true, milliseconds: Date.now() - started };
  } catch (error) {
    if (error instanceof SitefleetError) return failed(describeError(error));
    if (signal?.aborted) return failed("the run was stopped");
    // Without a single event, another run may have the stack: the lock says who, the CLI only in words.
    const holder = attempts.begun ? undefined : await engineHolder(job.stack);
    return failed(holder ? describeError(holder) : lastWords(error));
  } finally {
    scratch?.remove();
    await readers?.close();
  }
}

/** Whether stacks lie in a bucket or table. */
const isRemote = async (): Promise<boolean> => (await remoteStore(environment())) !== undefined;

/** What an adoption refuses is refused the next time as well. */
const isSettled = ({ errors }: Pick<Outcome, "errors">): boolean =>
  errors.some((text) => /\badopt\.[a-z-]+: /.test(text));

/** The gRPC code is loaded only for an adoption. */
async function readersOf(adopted: readonly Adopted[]): Promise<AdoptionProviders> {
  const { adoptionProviders } = await import("./adoption/providers.ts");
  return adoptionProviders(new Map(adopted.map((one) => [one.urn, one])), environment());
}

/** DNS records that must be deleted before the update, see {@link recordsInTheWay}. Only an update of all of a stack that has records looks. */
async function inTheWay(stack: Stack, job: Job, inputs: Pick<Inputs, "state">): Promise<string[]> {
  if (job.operation !== "up" || job.retire || !job.exists || job.services || job.sites || job.adopt) return [];
  const declared = recordsOf(await inputs.state(job.stack));
  if (declared.length === 0) return [];
  const known = await checkpointOf(job.stack, environment());
  if (known !== undefined) return recordsInTheWay(resourcesOf(known.document), declared);
  const { deployment } = await stack.exportStack();
  const { resources } = (deployment ?? {}) as { resources?: Parameters<typeof recordsInTheWay>[0] };
  return recordsInTheWay(resources ?? [], declared);
}

/** One attempt. Throws when the engine does. */
async function carryOut(stack: Stack, job: Job, options: Parameters<Stack["up"]>[0] & object): Promise<void> {
  const { operation, retire } = job;
  if (operation === "preview") await stack.preview(options);
  else if (operation === "refresh") await stack.refresh(options);
  else if (operation === "up" && !retire) await stack.up(options);
  else await stack.destroy(options);
  if (operation === "up" && retire) await stack.workspace.removeStack(job.stack, { preserveConfig: true });
}

/**
 * Takes over objects on which a create failed because the vendor has them already. Such an object comes from a create of several
 * calls that failed after its first call. The engine does not know the object, and every later run would fail on it ("already exists").
 */
async function adopt(
  job: Job,
  attempts: Attempts,
  configFile: string,
  adoption: Adoption,
): Promise<RepairReport | undefined> {
  const conflicts = attempts.conflicts.list();
  if (job.operation !== "up" || job.retire || job.adopt || conflicts.length === 0 || attempts.number > ADOPTIONS)
    return undefined;
  // What failed first is what a person must know.
  return adoption(job.stack, conflicts, { configFile }).catch(() => undefined);
}

/** Sites beside which the engine needs nothing of the cell's state. What is live, and a plan, are of all that a state has. */
const partly = ({ sites, refresh, plan, adopt }: Job): readonly string[] | undefined =>
  refresh || plan !== undefined || adopt ? undefined : sites?.sites;

/** Whether the stack's program is part of the operation. */
function runsProgram({ operation, retire }: Job): boolean {
  return operation === "preview" || (operation === "up" && !retire);
}

/** The stack's program; errors of ours reach the engine's diagnostics without a stack trace. */
async function program(inputs: Program, { services, sites, adopt }: Job): Promise<Record<string, unknown>> {
  try {
    const part = adopt ? { adopting: true } : services ? { services } : sites && { cell: sites };
    return await runStack(inputs, pulumi.getStack(), part);
  } catch (error) {
    if (error instanceof SitefleetError) throw new pulumi.RunError(describeError(error));
    throw error;
  }
}

/** What the engine is to limit itself to. */
async function targets(inputs: Pick<Inputs, "state">, stack: string, services: readonly string[]): Promise<string[]> {
  const state = await inputs.state(stack);
  return state.kind === "plesk" ? targetsOf(state, services) : [];
}

/** What the SDK keeps of a CLI that ended badly (execa's error). */
interface Ended {
  readonly signal?: string;
  /** The system's, when it could not be started. */
  readonly code?: string;
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** What the CLI said last, when no event explains the failure. Never what it was started with. Pure. */
export function lastWords(error: unknown): string {
  const ended = (error as { commandResult?: { err?: Ended } } | null)?.commandResult?.err;
  if (ended?.signal !== undefined) return `the engine was ended by ${ended.signal}`;
  const said = ended?.stderr?.trim() || ended?.stdout?.trim();
  if (ended?.code !== undefined && !said) return `the engine could not be started (${ended.code})`;
  if (ended?.exitCode !== undefined && !said) return `the engine ended with exit code ${ended.exitCode}`;
  const text = said || (error instanceof Error ? error.message : String(error));
  // The SDK's error holds everything twice: the command with its output, and that as an error once more.
  const once = text.split(/\n\s*err\?:/)[0] ?? text;
  const stderr = /stderr: ([\s\S]*)$/.exec(once)?.[1]?.trim();
  const message = withoutPasswords((stderr === undefined || stderr === "" ? once : stderr).trim());
  return message.length > 2000 ? `${message.slice(0, 2000)} …` : message;
}
