import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent } from "../../../fleet/engine/event-log.ts";
import { leanCommand } from "../../../fleet/engine/lean-command.ts";
import { connectAnew, failLostPrograms } from "../../../fleet/engine/lost-engine.ts";
import { muteDebugLog } from "../../../fleet/engine/quiet-sdk.ts";
import type { Values } from "./types.ts";

// The Automation API looks for the engine on the PATH of its own process.
process.env.PATH = [resolve(".toolchain/bin"), process.env.PATH].join(delimiter);

muteDebugLog();
failLostPrograms();
connectAnew();

// Asked for its version once.
let engine: Promise<PulumiCommand> | undefined;

/** A resource of any type, without its SDK. */
class AnyResource extends pulumi.CustomResource {}

/** A resource that the program declares. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Values;
  readonly options?: pulumi.CustomResourceOptions;
}

/** One step of the engine, by the event log. */
interface Step {
  readonly op: string;
  readonly name: string;
  readonly type: string;
  readonly outputs: Values;
  readonly inputs: Values;
}

/** What a run of the engine did. */
export interface Run {
  readonly steps: readonly Step[];
  /** Text of all diagnostics. */
  readonly said: string;
  /** True when the engine ended without an error. */
  readonly ok: boolean;
}

interface Exported {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs?: Values;
  readonly outputs?: Values;
}

type Start = () => Promise<unknown>;

/** A stack of its own on a state directory of its own, run by the real engine. */
export class TestStack {
  /** What the program declares; each run uses the list as it is then. */
  resources: readonly Declared[] = [];
  /** The program in place of {@link resources}, for components. */
  program: (() => void) | undefined;
  /** The events of the run in progress, or of the last one. */
  events: EngineEvent[] = [];
  readonly #stack: Stack;
  // This engine refreshes and destroys without the program, and the Automation API wants to be told so.
  readonly #withoutProgram: Stack;
  readonly #dir: string;

  private constructor(stack: Stack, withoutProgram: Stack, dir: string) {
    this.#stack = stack;
    this.#withoutProgram = withoutProgram;
    this.#dir = dir;
  }

  /**
   * @param env environment of the engine and, unless attached, of the plugins
   * @param config the stack's configuration
   */
  static async create(
    env: Readonly<Record<string, string>>,
    config: Readonly<Record<string, string>> = {},
  ): Promise<TestStack> {
    const dir = await mkdtemp(join(tmpdir(), "sitefleet-conformance-"));
    const holder: { self?: TestStack } = {};
    const program = async (): Promise<void> => {
      holder.self?.program?.();
      for (const { type, name, inputs, options } of holder.self?.resources ?? []) {
        new AnyResource(type, name, inputs, options);
      }
    };
    engine ??= PulumiCommand.get();
    const options = {
      workDir: dir,
      // The SDK's own reader loses events of a log that grows fast.
      pulumiCommand: leanCommand(await engine, { exists: true, onEvent: (event) => holder.self?.events.push(event) }),
      stackSettings: { test: { config: { ...config } } },
      envVars: {
        PULUMI_BACKEND_URL: `file://${dir}`,
        PULUMI_CONFIG_PASSPHRASE: "conformance",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        ...env,
      },
    };
    const stack = await LocalWorkspace.createStack({ projectName: "conformance", stackName: "test", program }, options);
    const withoutProgram = await LocalWorkspace.selectStack({ stackName: "test", workDir: dir }, options);
    holder.self = new TestStack(stack, withoutProgram, dir);
    return holder.self;
  }

  preview(): Promise<Run> {
    return this.#run(() => this.#stack.preview());
  }

  up(): Promise<Run> {
    return this.#run(() => this.#stack.up());
  }

  refresh(): Promise<Run> {
    return this.#run(() => this.#withoutProgram.refresh());
  }

  /** @param target URNs, to delete these alone */
  destroy(target?: string[]): Promise<Run> {
    return this.#run(() => this.#withoutProgram.destroy(target === undefined ? {} : { target }));
  }

  /** The resources of the state as the engine wrote them. */
  async exported(): Promise<readonly Exported[]> {
    // As the engine has written it: asking the engine takes a process each time.
    const text = await readFile(join(this.#dir, ".pulumi/stacks/conformance/test.json"), "utf8");
    const { checkpoint } = JSON.parse(text) as { checkpoint: { latest?: { resources?: Exported[] } } };
    return checkpoint.latest?.resources ?? [];
  }

  /** The resources of the state by logical name; secrets are still encrypted. */
  async state(): Promise<Record<string, { id: string; outputs: Values; inputs: Values }>> {
    const entries = (await this.exported()).map(
      ({ urn, id, outputs = {}, inputs = {} }) => [nameOf(urn), { id, outputs, inputs }] as const,
    );
    return Object.fromEntries(entries);
  }

  /** Removes the state. */
  async remove(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #run(start: Start): Promise<Run> {
    const run = await this.#once(start);
    // On a starved machine the program may not reach the engine in time; then nothing has happened yet.
    const unconnected = !run.ok && run.steps.length === 0 && /No connection established|lost its engine/.test(run.said);
    return unconnected ? this.#once(start) : run;
  }

  async #once(start: Start): Promise<Run> {
    this.events = [];
    let ok = true;
    let failure = "";
    await start().catch((error: unknown) => {
      ok = false;
      failure = error instanceof Error ? error.message : String(error);
    });
    const diagnostics = this.events.map((event) => event.diagnosticEvent?.message ?? "").join("\n");
    return { steps: this.events.flatMap(stepOf), said: `${diagnostics}\n${failure}`, ok };
  }
}

// A resource's step is announced before it is made (with the plan) and reported after (with what exists). The report is
// kept; a failed one is only announced.
function stepOf(event: EngineEvent): Step[] {
  const metadata = event.resOutputsEvent?.metadata;
  if (metadata === undefined || metadata.type.startsWith("pulumi:")) return [];
  const state = metadata.new ?? metadata.old;
  return [
    {
      op: metadata.op,
      name: nameOf(metadata.urn),
      type: metadata.type,
      outputs: (state?.outputs ?? {}) as Values,
      inputs: (state?.inputs ?? {}) as Values,
    },
  ];
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
