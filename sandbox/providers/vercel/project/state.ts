import type { Props } from "../../framework/index.ts";
import type { ApiVariable } from "../environment.ts";
import { targetsOf } from "../environment.ts";
import { trustedIpsFromApi, trustedSourcesFromApi, typeFromApi } from "./protection.ts";
import { SKEW_AGES } from "./request.ts";

/** A project as the API shows it; all that is looked at here. */
export type ApiProject = Props & { readonly id: string; readonly name: string; readonly link?: ApiLink | null };

/** The connection of a project to a git repository. Which fields are there depends on the type. */
export interface ApiLink {
  readonly type: string;
  readonly org?: string;
  readonly repo?: string;
  readonly owner?: string;
  readonly slug?: string;
  readonly projectNamespace?: string;
  readonly projectUrl?: string;
  readonly projectId?: string | number;
  readonly productionBranch?: string | null;
  readonly deployHooks?: readonly Props[];
}

/** `owner/name` of a link. */
function repositoryOf(link: ApiLink): string {
  if (link.type === "gitlab")
    return `${link.projectNamespace}/${link.projectUrl
      ?.replace(/\.git$/, "")
      .split("/")
      .at(-1)}`;
  return link.type === "bitbucket" ? `${link.owner}/${link.slug}` : `${link.org}/${link.repo}`;
}

const sameSet = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));

function environments(variables: readonly ApiVariable[], planned: readonly Props[]): Props[] {
  return variables.map((variable) => {
    const targets = targetsOf(variable);
    const custom = variable.customEnvironmentIds ?? [];
    // A sensitive value is never shown; the one that was asked for stays.
    const ours =
      variable.type === "sensitive"
        ? planned.find(
            (item) =>
              item.key === variable.key &&
              sameSet((item.targets as unknown[]) ?? [], targets) &&
              sameSet((item.customEnvironmentIds as unknown[]) ?? [], custom) &&
              (item.gitBranch ?? null) === (variable.gitBranch ?? null),
          )
        : undefined;
    const value = variable.type === "sensitive" ? ours?.value : variable.value;
    return {
      key: variable.key,
      ...(value !== undefined && { value }),
      ...(targets.length > 0 && { targets: [...targets] }),
      ...(custom.length > 0 && { customEnvironmentIds: [...custom] }),
      ...(variable.gitBranch != null && { gitBranch: variable.gitBranch }),
      id: variable.id,
      sensitive: variable.type === "sensitive",
      comment: variable.comment ?? "",
    };
  });
}

function gitRepository(link: ApiLink | null | undefined, planned: Props | undefined): Props | null {
  if (link == null || !["github", "gitlab", "bitbucket"].includes(link.type)) return null;
  const hooks = planned?.deployHooks === undefined ? undefined : link.deployHooks;
  return {
    type: link.type,
    repo: repositoryOf(link),
    ...(link.productionBranch != null && { productionBranch: link.productionBranch }),
    ...(hooks && { deployHooks: hooks.map(({ name, ref, url, id }) => ({ name, ref, url, id })) }),
  };
}

function gitProviderOptions(value: Props | null | undefined): Props | null {
  if (value == null) return null;
  const disabled = value.disableRepositoryDispatchEvents;
  return {
    ...(value.requireVerifiedCommits != null && { requireVerifiedCommits: value.requireVerifiedCommits }),
    ...(value.createDeployments != null && { createDeployments: value.createDeployments === "enabled" }),
    ...(disabled != null && { repositoryDispatchEvents: !disabled }),
    ...(value.gitCommitStatus != null && { gitCommitStatus: value.gitCommitStatus }),
    ...(value.consolidatedGitCommitStatus != null && {
      consolidatedGitCommitStatus: value.consolidatedGitCommitStatus,
    }),
  };
}

function resourceConfig(project: ApiProject): Props | null {
  const config = project.resourceConfig as Props | null | undefined;
  const given = config?.functionDefaultRegions as string[] | undefined;
  const region = project.serverlessFunctionRegion as string | null | undefined;
  const regions = given !== undefined && given.length > 0 ? given : region ? [region] : [];
  if (config == null && regions.length === 0) return null;
  return {
    ...(config?.functionDefaultMemoryType != null && { functionDefaultCpuType: config.functionDefaultMemoryType }),
    ...(config?.functionDefaultTimeout != null && { functionDefaultTimeout: config.functionDefaultTimeout }),
    functionDefaultRegions: regions,
    ...(config != null && { fluid: config.fluid ?? false }),
  };
}

function skewProtection(age: unknown): string | null {
  if (age === undefined || age === null || age === 0) return null;
  return Object.entries(SKEW_AGES).find(([, seconds]) => seconds === age)?.[0] ?? `unknown - ${age} seconds`;
}

// The API turns an empty text into null on create; what was asked for stays, so that it is no difference for ever.
const uncoerce = (planned: unknown, shown: unknown): unknown =>
  shown ?? (planned === "" || planned === false ? planned : null);

/**
 * The state of a project, out of the API's answers. What the API never shows (passwords, sensitive values), and what the
 * real provider tracks only when it was declared, comes from `planned`: the inputs, or the state when it is read.
 */
export function projectState(
  project: ApiProject,
  planned: Props,
  variables: readonly ApiVariable[],
  team: string | undefined,
): Props {
  const config = project.resourceConfig as Props | null | undefined;
  const password = project.passwordProtection as Props | null | undefined;
  const sso = project.ssoProtection as Props | null | undefined;
  const declared = planned.environments as Props[] | undefined;
  return {
    name: project.name,
    teamId: team ?? null,
    buildCommand: uncoerce(planned.buildCommand, project.buildCommand),
    devCommand: uncoerce(planned.devCommand, project.devCommand),
    installCommand: uncoerce(planned.installCommand, project.installCommand),
    outputDirectory: uncoerce(planned.outputDirectory, project.outputDirectory),
    ignoreCommand: project.commandForIgnoringBuildStep ?? null,
    rootDirectory: project.rootDirectory ?? null,
    previewDeploymentSuffix: project.previewDeploymentSuffix ?? null,
    framework: project.framework ?? null,
    nodeVersion: project.nodeVersion ?? "",
    serverlessFunctionRegion:
      planned.serverlessFunctionRegion === undefined ? null : (project.serverlessFunctionRegion ?? null),
    publicSource: planned.publicSource ?? null,
    environments: declared === undefined ? null : environments(variables, declared),
    gitRepository: gitRepository(project.link, planned.gitRepository as Props | undefined),
    vercelAuthentication: { deploymentType: sso == null ? "none" : typeFromApi(sso.deploymentType) },
    passwordProtection:
      password == null
        ? null
        : {
            password: (planned.passwordProtection as Props | undefined)?.password ?? "",
            deploymentType: typeFromApi(password.deploymentType),
          },
    trustedIps: project.trustedIps == null ? null : trustedIpsFromApi(project.trustedIps as Props),
    trustedSources: project.trustedSources == null ? null : trustedSourcesFromApi(project.trustedSources as Props),
    oidcTokenConfig: { issuerMode: (project.oidcTokenConfig as Props | null | undefined)?.issuerMode ?? "team" },
    optionsAllowlist: project.optionsAllowlist ?? null,
    automaticallyExposeSystemEnvironmentVariables: project.autoExposeSystemEnvs ?? null,
    enableAffectedProjectsDeployments: uncoerce(
      planned.enableAffectedProjectsDeployments,
      project.enableAffectedProjectsDeployments,
    ),
    gitComments: planned.gitComments === undefined ? null : (project.gitComments ?? null),
    gitProviderOptions:
      planned.gitProviderOptions === undefined ? null : gitProviderOptions(project.gitProviderOptions as Props),
    previewComments: project.enablePreviewFeedback ?? null,
    enablePreviewFeedback: project.enablePreviewFeedback ?? null,
    enableProductionFeedback: project.enableProductionFeedback ?? null,
    previewDeploymentsDisabled: project.previewDeploymentsDisabled ?? false,
    autoAssignCustomDomains: project.autoAssignCustomDomains ?? false,
    gitLfs: project.gitLFS ?? false,
    functionFailover: project.serverlessFunctionZeroConfigFailover ?? false,
    customerSuccessCodeVisibility: project.customerSupportCodeVisibility ?? false,
    protectedSourcemaps: project.protectedSourcemaps ?? false,
    gitForkProtection: project.gitForkProtection ?? false,
    prioritiseProductionBuilds: project.productionDeploymentsFastLane ?? false,
    directoryListing: project.directoryListing ?? false,
    skewProtection: skewProtection(project.skewProtectionMaxAge),
    resourceConfig: resourceConfig(project),
    onDemandConcurrentBuilds: config == null ? null : (config.elasticConcurrencyEnabled ?? false),
    buildMachineType:
      config == null ? null : config.buildMachineSelection === "elastic" ? "elastic" : (config.buildMachineType ?? ""),
  };
}
