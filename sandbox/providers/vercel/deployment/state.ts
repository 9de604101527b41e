import type { Props } from "../../framework/index.ts";

/** A deployment as the API shows it; all that is looked at here. */
export interface ApiDeployment {
  readonly id: string;
  readonly url: string;
  readonly projectId?: string;
  readonly readyState: string;
  readonly target?: string | null;
  readonly alias?: readonly string[] | null;
  readonly aliasAssigned?: boolean | number | null;
  readonly aliasError?: { readonly code: string; readonly message: string } | null;
  readonly checksConclusion?: string | null;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
  readonly creator?: { readonly username?: string };
  readonly gitSource?: { readonly ref?: string } | null;
  readonly meta?: Record<string, string> | null;
  readonly customEnvironment?: { readonly id?: string } | null;
}

/** True when the real provider takes a deployment for done: its aliases are assigned, whatever its state is called. */
export function isComplete(deployment: ApiDeployment): boolean {
  return Boolean(deployment.aliasAssigned) && deployment.aliasError == null;
}

/** Why a deployment will never be done, in the provider's words; undefined while it may. */
export function failureOf(deployment: ApiDeployment, projectId: unknown): string | undefined {
  const { readyState, errorCode, errorMessage, checksConclusion, aliasError } = deployment;
  const visit = `Visit https://vercel.com/${deployment.creator?.username ?? ""}/${projectId}/${deployment.id.replace(/^dpl_/, "")} for more information`;
  if (readyState === "CANCELED") return "deployment canceled";
  if (readyState === "ERROR") return `${errorCode ?? ""} - ${errorMessage ?? ""}. ${visit}`;
  if (checksConclusion === "failed") return `deployment checks have failed. ${visit}`;
  if (aliasError != null) return `${aliasError.code} - ${aliasError.message}. ${visit}`;
  return undefined;
}

/** The state of a deployment. What the API does not show comes from `planned`: the inputs, or the state when it is read. */
export function deploymentState(deployment: ApiDeployment, planned: Props, team: string | undefined): Props {
  const meta = planned.meta as Record<string, string> | undefined;
  // A project's first deployment is always for production, also when a preview was asked for: not taken over then.
  const wanted = planned.production === true || planned.production === undefined;
  return {
    projectId: deployment.projectId ?? planned.projectId,
    teamId: team ?? null,
    domains: [...(deployment.alias ?? [])],
    url: deployment.url,
    production: deployment.target === "production" && wanted,
    ref: deployment.gitSource?.ref || null,
    meta:
      meta === undefined
        ? null
        : Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, deployment.meta?.[key] ?? value])),
    customEnvironmentId: deployment.customEnvironment?.id || null,
    files: planned.files ?? null,
    environment: planned.environment ?? null,
    pathPrefix: planned.pathPrefix ?? null,
    projectSettings: planned.projectSettings ?? null,
    deleteOnDestroy: planned.deleteOnDestroy ?? null,
  };
}
