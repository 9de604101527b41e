import type { DeployDocument } from "../input.ts";
import type { RunOptions } from "../transaction/context.ts";
import { type PlanResult, planOn } from "../transaction/plan.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** Itemises what deployments of several services would do, over one connection a host. Read-only. */
export function planAll(
  documents: readonly DeployDocument[],
  options: RunOptions & ManyOptions = {},
): Promise<Outcome<PlanResult>[]> {
  return forServices(documents, (document, session) => planOn(document, session, options), options);
}
