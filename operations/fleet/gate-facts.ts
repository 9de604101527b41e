import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { environment } from "../../environment/index.ts";
import { ownStore } from "../../fleet/backend/store/state-store.ts";
import type { ChangeSet } from "../../fleet/change-set/index.ts";
import {
  agentVerdict,
  type GateFacts,
  type GatePolicy,
  gatePolicy,
  judgeBy,
  type OpenCheck,
  type SignedArtifact,
  signatureOf,
  type Verdict,
} from "../../fleet/gates/index.ts";
import { refusedIn } from "../../fleet/releases/rollback/index.ts";
import { agentOf, type StackFacts } from "../../fleet/run/preflight/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import { migratesForGood } from "../../plesk/artifact/migrations.ts";
import { rulesOf } from "../../stacks/artifacts.ts";
import { roleOf } from "../../vendors/index.ts";
import { costFigure } from "./gate-cost.ts";
import { openChecks } from "./gate-quality.ts";

/** What the gates say of a change set. */
export interface Gated {
  readonly policy: GatePolicy;
  readonly verdicts: readonly Verdict[];
}

/** How a run is judged. */
export interface GateInput {
  /** Rules that are lifted for this run. */
  readonly allow?: readonly string[] | undefined;
  /** Services and sites that are mended during a freeze. */
  readonly hotfix?: readonly string[] | undefined;
}

/** Options of {@link judgeChanges}. */
interface JudgeOptions {
  /** What becomes of all that the estate holds. */
  readonly facts: readonly StackFacts[];
  readonly direction?: "back" | undefined;
  readonly lost?: readonly string[] | undefined;
  readonly input: GateInput;
}

/** What is in force for a session's catalog. @throws SitefleetError `approval.base` */
export const policyOf = ({ catalogDir, inputs, folders, store }: Session): Promise<GatePolicy> =>
  gatePolicy(catalogDir, inputs.catalog.gates, ownStore(folders.state, store));

/**
 * Judges a change set by the gates.
 */
export async function judgeChanges(
  session: Session,
  policy: GatePolicy,
  changes: ChangeSet["changes"],
  { facts, direction, lost, input }: JudgeOptions,
): Promise<Verdict[]> {
  const touched = new Set(changes.map(({ stack }) => stack));
  const bad = direction === "back" ? [] : await refusedIn(session, [...touched]);
  const deployed = new Set(
    changes
      .filter(({ type, op }) => roleOf(type) === "service" && op === "update")
      .map(({ parent, name }) => parent ?? name),
  );
  const judged: GateFacts = {
    direction: direction ?? "forward",
    changes,
    stacks: facts,
    live: facts.flatMap(({ items }) => items.filter(({ kind }) => kind === "site")).length,
    bad: [...new Set(bad.map(({ release }) => `${release.repository}@${release.commit.slice(0, 12)}`))],
    migrations: session.inputs.catalog.services
      .filter((one) => deployed.has(one.key) && migratesForGood(one))
      .map(({ key }) => key),
    lost,
    now: new Date(),
    hotfix: input.hotfix ?? [],
    artifacts: asksForSigners(policy) && direction !== "back" ? await artifactsOf(session, changes) : [],
    qualityAltered: direction !== "back" && policy.qualityAltered && changes.length > 0,
    quality: direction === "back" ? [] : await openOf(session, changes),
    cost: await costFigure(policy, session.inputs.catalog, Date.now()),
  };
  const verdicts = judgeBy(policy, judged, { allow: input.allow ?? [] });
  const agent = agentOf();
  return agent === undefined || changes.length === 0 ? verdicts : [agentVerdict(agent), ...verdicts];
}

/** Whether a rule that is in force names signers. */
const asksForSigners = ({ now, before }: GatePolicy): boolean =>
  [now, before].some((gates) => gates !== undefined && gates.rules["unsigned-artifact"].signers.length > 0);

/** Services that would be deployed. */
function deployedBy({ inputs }: Session, changes: ChangeSet["changes"]) {
  const deployed = new Set(
    changes
      .filter(({ type, op }) => roleOf(type) === "service" && !op.startsWith("delete"))
      .map(({ parent, name }) => parent ?? name),
  );
  return inputs.catalog.services.filter(({ key }) => deployed.has(key));
}

/** What quality.yaml asks of them and is not green. */
function openOf(session: Session, changes: ChangeSet["changes"]): Promise<OpenCheck[]> {
  const own = ownStore(session.folders.state, session.store);
  const keys = deployedBy(session, changes).map(({ key }) => key);
  return openChecks(session.inputs.catalog, own, keys, Date.now());
}

/** Who has signed what would be deployed. Reads every file of these artifacts. */
function artifactsOf(session: Session, changes: ChangeSet["changes"]): Promise<SignedArtifact[]> {
  const { catalogDir } = session;
  const services = deployedBy(session, changes);
  return Promise.all(
    services.map(async (service) => ({
      service: service.key,
      ...(await signatureOf(resolve(catalogDir, service.artifact), rulesOf(service))),
    })),
  );
}

/** Which estate this is: what its configuration says, else the environment. */
export function estateOf(configFile: string): string {
  let config: Record<string, unknown> = {};
  try {
    config = (parse(readFileSync(configFile, "utf8")) as { config?: Record<string, unknown> })?.config ?? {};
  } catch {
    // The engine says what is wrong with it.
  }
  return String(config["sitefleet:target"] ?? environment().SITEFLEET_TARGET ?? "").trim() || "unnamed";
}
