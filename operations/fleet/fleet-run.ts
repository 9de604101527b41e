import type { Finding } from "../../fleet/run/preflight/index.ts";
import type { RunResult } from "../../fleet/run/run.ts";
import type { Prices } from "../../model/index.ts";
import type { Gated } from "./gate-facts.ts";

/** A run over stacks together with those that were not opened, because their digests say that they are as declared. */
export interface FleetRun extends RunResult {
  readonly unopened: readonly string[];
  /** Why each of the others was opened. */
  readonly reasons: Readonly<Record<string, string>>;
  /** The channel that each site and shared project follows, by its name. */
  readonly channels?: ReadonlyMap<string, string>;
  /** Of a preview: what the preflight says of a run that does this. */
  readonly findings?: readonly Finding[];
  /** Of a preview: what the gates say. */
  readonly gated?: Gated;
  /** Of a preview: what things cost, where the catalog says so. */
  readonly prices?: Prices | undefined;
}
