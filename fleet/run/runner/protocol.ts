import type { StackKey } from "../../backend/secrets/stack-key.ts";
import type { Job, JobResult } from "../../engine/job.ts";
import type { Step } from "../../engine/outcome.ts";

/** From the pool to a runner. `cancel` asks the engine to stop after what is in flight. */
export type ToRunner =
  | {
      readonly type: "job";
      readonly catalogDir: string;
      readonly job: Job;
      /** To be put into the environment of the engine. */
      readonly env: Readonly<Record<string, string>>;
      /** What `pulumi version` printed. */
      readonly engine?: string;
      /** Of the stacks' secrets, which the run has made once; of previews. */
      readonly key?: ReturnType<StackKey["packed"]>;
    }
  | { readonly type: "cancel" }
  | { readonly type: "exit" };

/** From a runner to the pool. */
export type FromRunner =
  | { readonly type: "step"; readonly step: Step }
  | { readonly type: "step-ended"; readonly urn: string }
  | { readonly type: "result"; readonly result: JobResult };
