import type { Command } from "commander";
import { readDuration } from "../../operations/kit/duration.ts";
import { collectHosts } from "../../operations/kit/host.ts";

/** What the options of {@link withBudget} become. Durations in seconds. */
export interface BudgetFlags {
  /** Hosts that go first. */
  readonly urgent?: readonly string[];
  readonly jobLimit?: number;
  readonly margin?: number;
  /** @default true */
  readonly certificates?: boolean;
}

/** Adds the options of commands that keep to the vendors' limits. */
export function withBudget(command: Command): Command {
  return command
    .option("--urgent <host>", "this site first, ahead of everything; may be given several times", collectHosts)
    .option("--job-limit <duration>", "a CI job's limit (default: 6h)", readDuration("--job-limit"))
    .option(
      "--margin <duration>",
      "kept free at a job's end (default: 10m, at most a quarter of it)",
      readDuration("--margin"),
    )
    .option("--no-certificates", "leave Let's Encrypt's weekly limit out");
}
