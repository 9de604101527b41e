import type { z } from "zod";
import type { Frozen } from "./frozen.ts";
import type { RolloutFile } from "./shape/rollout.ts";

/** rollout.yaml: how a release goes out. */
export type RolloutRules = Frozen<z.output<typeof RolloutFile>>;
/** What a wave must hold to. */
export type RolloutLimits = RolloutRules["limits"];
