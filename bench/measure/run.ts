import { spawn } from "node:child_process";
import { machineCpu, readProcess } from "./proc.ts";
import { TreeWatch } from "./tree.ts";

/** What one command cost. */
export interface Cost {
  /** Wall time, s. */
  readonly wall: number;
  /** CPU seconds, user and system, of the command and everything below it. */
  readonly cpu: number;
  /** CPU seconds of the provider processes that were attached to it; 0 where it starts its own. */
  readonly providers: number;
  /** CPU seconds of the sandbox's vendors. */
  readonly vendors: number;
  /** Highest sum of resident memory of the command and everything below it, bytes. */
  readonly peak: number;
  /** Resident memory of the attached provider processes at the end, bytes. */
  readonly providersResident: number;
  /** Processes at once. */
  readonly processes: number;
  /** Share of the machine's CPU time that others took meanwhile: 0 is a quiet machine, 1 one that had nothing left. */
  readonly foreign: number;
}

/** A command that has ended well, and what it cost. */
export interface Measured extends Cost {
  readonly stdout: string;
}

/** What to run. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Processes that work for it and are not its children. */
  readonly attached: { readonly providers: number; readonly vendors: number };
  /** Number of processors. */
  readonly processors: number;
  /** Exit codes with which it has done its work. @default 0 alone */
  readonly codes?: readonly number[];
}

/** Longest time that one command may take, ms: a first update of 5000 sites in one go needs a sixth of it. */
const TIMEOUT_MS = 7_200_000;

/** Runs a command and measures it. @throws Error when it exits with another code, with the end of what it said */
export async function measure(options: Command): Promise<Measured> {
  const { providers, vendors } = options.attached;
  const before = { providers: total(providers), vendors: total(vendors), machine: machineCpu() };
  const watch = new TreeWatch();
  const started = performance.now();
  const { code, signal, stdout, stderr } = await run(options);
  const wall = (performance.now() - started) / 1000;
  const tree = watch.stop();
  const used = { providers: total(providers) - before.providers, vendors: total(vendors) - before.vendors };
  if (code === null || !(options.codes ?? [0]).includes(code)) {
    const how = code === null ? `was ended by ${signal}` : `exited with ${code}`;
    throw new Error(`${options.command} ${options.args.join(" ")} ${how}\n${(stderr + stdout).slice(-3000)}`);
  }
  const foreign = machineCpu() - before.machine - tree.cpu - used.providers - used.vendors;
  return {
    wall: round(wall),
    cpu: round(tree.cpu),
    providers: round(used.providers),
    vendors: round(used.vendors),
    peak: tree.peak,
    providersResident: readProcess(providers)?.resident ?? 0,
    processes: tree.processes,
    foreign: round(Math.max(0, foreign) / (wall * options.processors)),
    stdout,
  };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** CPU seconds of a process that goes on, with those of its children that have ended. */
function total(pid: number): number {
  const figures = readProcess(pid);
  return figures === undefined ? 0 : figures.own + figures.children;
}

/** How a command has ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, and keeps what it said. */
export function run({ command, args, cwd, env }: Pick<Command, "command" | "args" | "cwd" | "env">): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: TIMEOUT_MS });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
