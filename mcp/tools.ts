import type { z } from "zod";
import { adoptMatch } from "../operations/adopt-match.ts";
import { adoptScan } from "../operations/adopt-scan.ts";
import { analyse } from "../operations/analyse.ts";
import { approvalRequest } from "../operations/approval-request.ts";
import { cells } from "../operations/cells.ts";
import { cost } from "../operations/cost.ts";
import { costAdvice } from "../operations/cost-advice.ts";
import { costCharges } from "../operations/cost-charges.ts";
import { costForecast } from "../operations/cost-forecast.ts";
import { costSpikes } from "../operations/cost-spikes.ts";
import { costTarget } from "../operations/cost-target.ts";
import { doctor } from "../operations/doctor.ts";
import { drift } from "../operations/drift.ts";
import { flowsList } from "../operations/flows-list.ts";
import { flowsShow } from "../operations/flows-show.ts";
import { health } from "../operations/health.ts";
import { incidentList } from "../operations/incident-list.ts";
import { incidentShow } from "../operations/incident-show.ts";
import type { Operation } from "../operations/kit/operation.ts";
import { metrics } from "../operations/metrics.ts";
import { overview } from "../operations/overview.ts";
import { plan } from "../operations/plan.ts";
import { pleskDeploy } from "../operations/plesk/deploy.ts";
import { pleskReleases, pleskStatus } from "../operations/plesk/status.ts";
import { preview } from "../operations/preview.ts";
import { releaseList } from "../operations/release-list.ts";
import { report } from "../operations/report.ts";
import { rollback } from "../operations/rollback.ts";
import { rollbackList } from "../operations/rollback-list.ts";
import { rollbackPreview } from "../operations/rollback-preview.ts";
import { rollout } from "../operations/rollout.ts";
import { rolloutPlan } from "../operations/rollout-plan.ts";
import { rolloutStatus } from "../operations/rollout-status.ts";
import { up } from "../operations/up.ts";
import { validate } from "../operations/validate.ts";
import { SETS, type ToolSet } from "./sets.ts";

/** Any operation, for a list of several. */
type AnyOperation = Operation<z.ZodObject, z.ZodType, never, z.ZodType>;

/** A tool that is made from an operation. */
export interface OperationTool {
  readonly name: string;
  readonly operation: AnyOperation;
  /** Fields of the operation's input that an agent may give: no file, no address, no target, nothing that lifts a rule. */
  readonly takes: readonly string[];
  /** Which roles have it. */
  readonly sets: readonly ToolSet[];
  /** `read`: changes nothing. `ask`: writes what a person decides about. `run`: only with --allow-operations, and a person's signature. */
  readonly kind: "read" | "ask" | "run";
  /** It calls vendors, sites or hosts. */
  readonly open: boolean;
}

const STACKS = ["stack", "cell", "except"] as const;
const tool = (
  name: string,
  operation: unknown,
  kind: OperationTool["kind"],
  open: boolean,
  sets: readonly ToolSet[],
  takes: readonly string[] = [],
): OperationTool => ({ name, operation: operation as AnyOperation, kind, open, sets, takes });

const [ORCHESTRATOR, BULK, DOMAINS, COST] = SETS;

/** Every tool that is made from an operation, in the order in which they are listed. */
export const TOOLS: readonly OperationTool[] = [
  tool("validate", validate, "read", false, SETS),
  tool("overview", overview, "read", false, SETS, ["site"]),
  tool("analyse", analyse, "read", false, SETS, ["push", "repository", "changedPaths", "urgent"]),
  tool("preview", preview, "read", true, SETS, [...STACKS, "all", "refresh"]),
  tool("plan", plan, "read", true, SETS, [...STACKS, "all", "urgent", "window", "now", "buildSeconds"]),
  tool("cells", cells, "read", true, [ORCHESTRATOR, BULK], ["site", "changed"]),
  tool("rollout_plan", rolloutPlan, "read", true, [ORCHESTRATOR, BULK]),
  tool("status", rolloutStatus, "read", true, [ORCHESTRATOR, BULK]),
  tool(
    "health",
    health,
    "read",
    true,
    [ORCHESTRATOR, BULK, DOMAINS],
    ["site", "cell", "service", "vantage", "anyRelease"],
  ),
  tool("flows_list", flowsList, "read", false, [ORCHESTRATOR]),
  tool("flows_show", flowsShow, "read", false, [ORCHESTRATOR], ["run"]),
  tool("drift", drift, "read", true, [ORCHESTRATOR, DOMAINS], [...STACKS, "who", "unknown", "days"]),
  tool("doctor", doctor, "read", true, [ORCHESTRATOR], ["offline", "only"]),
  tool("metrics", metrics, "read", true, [ORCHESTRATOR, BULK, COST], ["check"]),
  tool("incident_list", incidentList, "read", true, [ORCHESTRATOR, BULK], ["all"]),
  tool("incident_show", incidentShow, "read", true, [ORCHESTRATOR, BULK], ["id"]),
  tool("report", report, "read", true, [ORCHESTRATOR, BULK, COST], ["run", "list"]),
  tool("release_list", releaseList, "read", true, [ORCHESTRATOR, BULK]),
  tool("rollback_list", rollbackList, "read", true, [ORCHESTRATOR, BULK], ["stack"]),
  tool("rollback_preview", rollbackPreview, "read", true, [ORCHESTRATOR, BULK], ["site", "stack", "run", "to"]),
  tool("plesk_status", pleskStatus, "read", true, [ORCHESTRATOR], ["service"]),
  tool("plesk_releases", pleskReleases, "read", true, [ORCHESTRATOR], ["service"]),
  tool("cost", cost, "read", false, [ORCHESTRATOR, COST], ["month", "by"]),
  tool("cost_charges", costCharges, "read", false, [ORCHESTRATOR, COST], ["by"]),
  tool("cost_forecast", costForecast, "read", false, [ORCHESTRATOR, COST], ["limit"]),
  tool("cost_spikes", costSpikes, "read", false, [ORCHESTRATOR, COST], ["days"]),
  tool("cost_advice", costAdvice, "read", false, [ORCHESTRATOR, COST]),
  tool("cost_target", costTarget, "read", false, [ORCHESTRATOR, COST], ["budget"]),
  tool("adopt_scan", adoptScan, "read", true, [DOMAINS], ["services"]),
  tool("adopt_match", adoptMatch, "read", false, [DOMAINS]),
  tool(
    "request_approval",
    approvalRequest,
    "ask",
    true,
    [ORCHESTRATOR, BULK, DOMAINS],
    [...STACKS, "operation", "service"],
  ),
  tool("up", up, "run", true, [ORCHESTRATOR, BULK], STACKS),
  tool("rollout", rollout, "run", true, [ORCHESTRATOR, BULK]),
  tool("rollback", rollback, "run", true, [ORCHESTRATOR, BULK], ["site", "stack", "run", "to", "reason"]),
  tool("plesk_deploy", pleskDeploy, "run", true, [ORCHESTRATOR], ["service"]),
];

/** What a client is told of a tool; it is enforced here whatever a client makes of it. Pure. */
export const annotationsOf = ({ name, kind, open }: Pick<OperationTool, "name" | "kind" | "open">) => ({
  // A scan keeps what it has read.
  readOnlyHint: kind === "read" && name !== "adopt_scan",
  destructiveHint: kind === "run",
  idempotentHint: kind !== "run" || name === "up",
  openWorldHint: open,
});
