import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_LIMITS, openSession, SETS, serveOnHttp, serveOnStdio, type ToolSet } from "../../mcp/index.ts";
import { prepare, withCommon } from "../context.ts";
import { say } from "../output/style.ts";
import { onStop } from "../signals.ts";

interface Options {
  readonly tools: ToolSet;
  readonly allowOperations?: boolean;
  readonly http?: number | true;
  readonly agent?: string;
  readonly pullRequests?: string;
  readonly maxCalls: number;
  readonly maxEuros: number;
}

/** `sitefleet mcp`: serves the estate to an agent. It ends with its client. */
export function registerMcp(program: Command): void {
  withCommon(program.command("mcp"))
    .description("serve the estate to an agent over the Model Context Protocol: it reads, proposes, and asks a person")
    .addOption(new Option("--tools <set>", "the agent's role").choices([...SETS]).default("orchestrator"))
    .option("--allow-operations", "the agent may begin runs that a person has approved by signature")
    .option(
      "--http [port]",
      "on this machine's own address in place of stdin and stdout; a free port by default",
      wholeFrom(0, 65_535),
    )
    .option("--pull-requests <owner/name>", "open a pull request from each proposal, with GITHUB_TOKEN")
    .option("--agent <name>", "what works here, for journals and approvers (default: mcp)")
    .option("--max-calls <n>", "calls of this session", wholeFrom(1), DEFAULT_LIMITS.calls)
    .option(
      "--max-euros <n>",
      "what the builds of approved runs may cost in this session",
      wholeFrom(0),
      DEFAULT_LIMITS.euros,
    )
    .action(async (options: Options, command: Command) => {
      const context = await prepare(command);
      const { tools: set, allowOperations: operations = false, agent, maxCalls, maxEuros } = options;
      const limits = { ...DEFAULT_LIMITS, calls: maxCalls, euros: maxEuros };
      const session = await openSession(context, { set, operations, limits, agent, pulls: options.pullRequests });
      const stop = new AbortController();
      const listening = onStop(() => stop.abort());
      try {
        if (options.http === undefined) return await serveOnStdio(session, stop.signal);
        const served = await serveOnHttp(session, options.http === true ? 0 : options.http);
        say(`${served.url}\nAuthorization: Bearer ${served.token}`);
        await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
        await served.close();
      } finally {
        listening();
      }
    });
}

const wholeFrom =
  (least: number, most = 1_000_000) =>
  (text: string) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}.`);
  };
