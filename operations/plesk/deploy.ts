import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { type ChangeSet, sameChanges } from "../../fleet/change-set/index.ts";
import { type AppliedRun, applyRun } from "../../fleet/run/apply.ts";
import { checkNeeds } from "../../fleet/run/needs/index.ts";
import { runFleet } from "../../fleet/run/run.ts";
import { openSession, type Session } from "../../fleet/run/session.ts";
import { succeeded, summarise } from "../../fleet/run/summary.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import { targetsOf } from "../../stacks/plesk-targets.ts";
import { changeSetOf } from "../fleet/change-set.ts";
import { summaryFields } from "../fleet/documents.ts";
import type { FleetRun } from "../fleet/fleet-run.ts";
import { gateRun } from "../fleet/gate-run.ts";
import { withUnopened } from "../fleet/over.ts";
import { declaredFlows } from "../flows/declared.ts";
import type { Estate } from "../kit/estate.ts";
import { type FleetEvent, fleetEvent } from "../kit/events.ts";
import { allowField, gateFields, lockField } from "../kit/fields.ts";
import { defineOperation, NOT_RUN_EXIT, type Tools } from "../kit/operation.ts";
import { lockedFrame, overStacks } from "../kit/watch.ts";
import { documentOfProof, proofDocument } from "./proof/document.ts";
import { lighthouseSteps } from "./proof/lighthouse.ts";
import { lookBefore, type Proof, prove } from "./proof/prove.ts";
import { namedFields, namedServices } from "./services/fields.ts";

const input = z.object({
  ...namedFields(),
  ...allowField(),
  ...gateFields(),
  ...lockField("the stack"),
});

/** A deployment that has not begun. */
export interface OpenedDeployment {
  readonly session: Session;
  /** Keys; absent for all services. */
  readonly services?: readonly string[];
}

/** Opens a deployment. Reads only. @throws SitefleetError `usage`, `service.unknown` */
export async function openDeployment(
  { catalogDir, configFile }: Estate,
  which: z.input<typeof input>,
): Promise<OpenedDeployment> {
  const keys = namedServices(which);
  const session = await openSession({ catalogDir, configFile, named: [PLESK_STACK] });
  const state = await session.inputs.state(PLESK_STACK);
  if (state.kind === "plesk") targetsOf(state, keys);
  return { session, services: keys.length === 0 ? undefined : keys };
}

/** Previews a deployment through the engine. */
export async function previewDeployment(
  tools: Pick<Tools<FleetEvent>, "emit" | "signal">,
  { session, services }: OpenedDeployment,
): Promise<FleetRun> {
  await checkNeeds(session, [PLESK_STACK]);
  const run = await overStacks(tools, 1, (observer, signal) =>
    runFleet({
      operation: "preview",
      stacks: [PLESK_STACK],
      existing: new Set(session.infos.keys()),
      catalogDir: session.catalogDir,
      inputs: session.inputs,
      configFile: session.configFile,
      concurrency: 1,
      services,
      observer,
      signal,
    }),
  );
  return withUnopened({ ...session, open: [PLESK_STACK] }, run);
}

/** Under the lock: what was judged, or nothing. @throws SitefleetError `change-set.differs` */
async function sameDeployment(
  tools: Pick<Tools<FleetEvent>, "emit" | "signal">,
  opened: OpenedDeployment,
  judged: ChangeSet,
): Promise<ReadonlyMap<string, string>> {
  const now = changeSetOf(await previewDeployment(tools, opened));
  if (now.digest === judged.digest) return new Map();
  throw new SitefleetError({
    code: "change-set.differs",
    message: "what would be done is not what was judged; nothing was changed",
    subject: judged.digest.slice(0, 12),
    details: sameChanges(judged, now).reasons,
    hint: "run it again",
  });
}

/** A deployment, and what was proven of it. */
export interface ProvenRun extends AppliedRun {
  readonly proof?: Proof;
}

const good = (run: ProvenRun): boolean => succeeded(run) && run.proof?.ok !== false;

const unknown = (run: ProvenRun): boolean =>
  run.proof?.steps.some(({ takesBack, state }) => takesBack && state === "not-run") ?? false;

/**
 * The hotfix path. It is an update of stack `prod-plesk` limited to some services, so that the state knows of it and the next
 * preview tells the truth (docs/adr/0017). Its caller has a person's yes.
 */
export const pleskDeploy = defineOperation({
  name: "plesk deploy",
  summary: "deploy the built artifacts of some services: an update of prod-plesk that is limited to them",
  changes: true,
  input,
  events: fleetEvent,
  output: z.object({
    ok: z.boolean(),
    run: z.string(),
    proof: proofDocument
      .optional()
      .describe(
        "absent where the catalog declares neither flows nor Lighthouse after a deployment, and where nothing was deployed",
      ),
    ...summaryFields,
  }),
  async run(options, tools): Promise<ProvenRun> {
    const { emit } = tools;
    const opened = await openDeployment(tools.estate, options);
    const { session, services } = opened;
    const gate = await gateRun({
      session,
      operation: "plesk deploy",
      stacks: [PLESK_STACK],
      services,
      input: options,
      preview: () => previewDeployment(tools, opened),
      emit,
    });
    const flows = declaredFlows(session.catalogDir);
    const { catalog } = session.inputs;
    const steps = lighthouseSteps(catalog);
    const proves = flows !== undefined || steps.length > 0;
    const before = proves ? await lookBefore(tools, catalog, flows) : undefined;
    const applied = await overStacks(tools, 1, (observer, signal) =>
      applyRun(session, {
        // With a proof afterwards every service comes to a result: one that fails goes back by itself.
        keepGoing: before ? true : undefined,
        stacks: [PLESK_STACK],
        concurrency: 1,
        services,
        preflight: {
          rules: { allow: options.allow ?? [], why: options.why },
          onFindings: (findings) => emit({ event: "findings", findings: [...findings] }),
        },
        confirm: gate && (() => sameDeployment(tools, opened, gate.judged)),
        prepare: async ({ run }) => gate?.clearance.begin(run),
        ...lockedFrame(emit, options.lockTimeout),
        observer,
        signal,
      }),
    );
    if (before === undefined || tools.signal.aborted) return applied;
    return { ...applied, proof: await prove(tools, before, steps) };
  },
  document: (run) => ({
    ok: good(run) && !unknown(run),
    run: run.run,
    proof: run.proof && documentOfProof(run.proof),
    ...summarise(run),
  }),
  exitCode: (run) => {
    if (!good(run)) return 1;
    return unknown(run) ? NOT_RUN_EXIT : 0;
  },
});
