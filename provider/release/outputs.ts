import { describeError } from "../../errors/index.ts";
import type { Props } from "../framework/index.ts";
import type { Deployment, Project } from "../vercel/shapes.ts";
import type { ReleaseError } from "./errors.ts";
import { META, settingsId } from "./goal.ts";
import { CHECK_TIMES } from "./inputs.ts";
import type { Released } from "./perform.ts";

/** What the state holds of a deployment. Null takes a value out of the state. Pure. */
function ofDeployment({ id, url, readyState, sha }: Deployment): Props {
  return { deploymentId: id, url: `https://${url}`, readyState, sha: sha ?? null };
}

/** The outputs after a release went live. `state` is what the state held before. Pure. */
export function releasedOutputs(released: Released, state: Props = {}): Props {
  const { deployment, previous, promotedAt, buildMs, checked, held } = released;
  const { milliseconds } = checked?.verdict === "pass" ? checked.evidence : {};
  const times = [...timesOf(state), ...(milliseconds === undefined ? [] : [milliseconds])].slice(-CHECK_TIMES);
  const known = state.deploymentId === deployment.id;
  return {
    ...ofDeployment(deployment),
    promotedAt: promotedAt === undefined ? (known ? state.promotedAt : null) : new Date(promotedAt).toISOString(),
    previousDeploymentId: previous ?? (known ? state.previousDeploymentId : null) ?? null,
    buildSeconds: buildMs === undefined ? (state.buildSeconds ?? null) : Math.round(buildMs) / 1000,
    checkMs: times.length === 0 ? null : times,
    warning:
      [checked === undefined ? (known ? state.warning : undefined) : checked.warning, held]
        .filter((text) => text !== undefined && text !== null)
        .join("; ") || null,
    rolledBack: null,
    pending: null,
  };
}

/** What the answers of earlier deployments took when they were checked, ms. Pure. */
export function timesOf({ checkMs }: Props): number[] {
  return Array.isArray(checkMs) ? checkMs.filter((ms) => typeof ms === "number") : [];
}

/**
 * The outputs after a release did not go live. What is live stays in the state, with the inputs that it was made of, so that the
 * next update sees the difference. The deployment that was on its way is kept beside it. Pure.
 */
export function failedOutputs(error: ReleaseError, state: Props): Props {
  const { deployment } = error;
  const kept = ["ref", "files", "filesRoot", "buildKey", "buildSettings", ...Object.keys(EMPTY)];
  return {
    ...Object.fromEntries(kept.map((key) => [key, state[key] ?? null])),
    pending: {
      code: error.code,
      message: error.message,
      ...(deployment === undefined
        ? {}
        : {
            deploymentId: deployment.id,
            url: `https://${deployment.url}`,
            readyState: deployment.readyState,
            ...(deployment.sha === undefined ? {} : { sha: deployment.sha }),
          }),
      ...(error.details.length === 0 ? {} : { evidence: [...error.details] }),
    },
  };
}

const EMPTY = {
  deploymentId: null,
  url: null,
  readyState: null,
  sha: null,
  promotedAt: null,
  previousDeploymentId: null,
  buildSeconds: null,
  checkMs: null,
  warning: null,
  rolledBack: null,
} as const satisfies Props;

/** Why a release is not live, for the engine: the error's code first, so that it can be told apart. Pure. */
export function reasonsOf(error: ReleaseError): string[] {
  return [`${error.code}: ${describeError(error)}`];
}

/**
 * The outputs when what is live was read: what differs from the state is drift. Undefined when nothing is live: then there
 * is no release. Pure.
 */
export function readOutputs(project: Project, state: Props): Props | undefined {
  const { live, job } = project;
  if (live === undefined) return undefined;
  const same = state.deploymentId === live.id;
  const moved = job?.to === live.id && job.requestedAt !== undefined ? new Date(job.requestedAt).toISOString() : null;
  // The project shows less of a deployment than the deployment itself: what cannot change is taken from the state.
  const sha = live.sha ?? (same ? (state.sha as string | undefined) : undefined) ?? commitOf(live);
  const source = same
    ? { ref: state.ref ?? null, files: state.files ?? null, buildKey: state.buildKey ?? null }
    : {
        ref: sha ?? null,
        files: null,
        buildKey: live.meta[META.key] ?? null,
        ...settingsOfLive(live, state.buildSettings as Readonly<Record<string, string>> | undefined),
      };
  return {
    // What says how to get there (hosts, check, deadlines) is nowhere but in the state.
    ...state,
    ...ofDeployment(live),
    sha: sha ?? null,
    ...source,
    promotedAt: same ? (state.promotedAt ?? moved) : moved,
    previousDeploymentId: (same ? state.previousDeploymentId : state.deploymentId) ?? null,
    pending: same ? (state.pending ?? null) : null,
    rolledBack: same ? null : (rollbackOf(project, state) ?? null),
  };
}

/** A build with other settings shows their digest: what they were is written nowhere. */
function settingsOfLive({ meta }: Deployment, known: Readonly<Record<string, string>> | undefined): Props {
  const made = meta[META.settings];
  return made === undefined || made === settingsId(known) ? {} : { buildSettings: { digest: made } };
}

/**
 * How a person rolled back at Vercel to what is live now, in one sentence; undefined when none did. Our own rollback is a
 * promotion, which leaves no rollback behind. Pure.
 */
function rollbackOf({ live, job, rolledBackTo }: Project, { deploymentId: before }: Props): string | undefined {
  const asked = job?.type === "rollback" && job.to === live?.id ? job : undefined;
  if (live === undefined || (asked === undefined && rolledBackTo !== live.id)) return undefined;
  const when = asked?.requestedAt === undefined ? "" : ` on ${new Date(asked.requestedAt).toISOString()}`;
  const from = typeof before === "string" ? ` from ${before}` : "";
  return `rolled back by hand at Vercel${when}${from} to ${live.id}`;
}

/** The commit that a build of ours names in its metadata. */
function commitOf({ meta }: Deployment): string | undefined {
  const text = meta[META.source];
  return text?.startsWith("git:") ? text.slice(4) : undefined;
}
