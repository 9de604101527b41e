import type { Props } from "../../framework/index.ts";
import { toRequest } from "../environment.ts";
import { passwordProtection, ssoProtection, trustedIps, trustedSources } from "./protection.ts";

/** Seconds by the provider's words for them; resource_project.go. */
export const SKEW_AGES: Readonly<Record<string, number>> = {
  "30 minutes": 1800,
  "4 hours": 14_400,
  "12 hours": 43_200,
  "1 day": 86_400,
  "7 days": 604_800,
};

const orNull = (value: unknown): unknown => value ?? null;
const when = (key: string, value: unknown): Props => (value === undefined ? {} : { [key]: value });

function resourceConfig(inputs: Props): Props | undefined {
  const config = (inputs.resourceConfig ?? {}) as Props;
  const regions =
    config.functionDefaultRegions ??
    (inputs.serverlessFunctionRegion === undefined ? undefined : [inputs.serverlessFunctionRegion]);
  const result: Props = {
    ...when("functionDefaultMemoryType", config.functionDefaultCpuType),
    ...when("functionDefaultTimeout", config.functionDefaultTimeout),
    ...when("functionDefaultRegions", Array.isArray(regions) && regions.length === 0 ? undefined : regions),
    ...when("fluid", config.fluid),
    ...when("elasticConcurrencyEnabled", inputs.onDemandConcurrentBuilds),
    ...when("buildMachineType", inputs.buildMachineType === "" ? undefined : inputs.buildMachineType),
  };
  return inputs.resourceConfig === undefined && Object.keys(result).length === 0 ? undefined : result;
}

const inlineVariable = (variable: Props): Props => ({
  customEnvironmentIds: null,
  decrypted: null,
  ...toRequest(variable),
});

/** The body of `POST /v8/projects`. Undeclared texts are sent as null, everything else is left out. */
export function createRequest(inputs: Props): Props {
  const variables = inputs.environments as Props[] | undefined;
  const repository = inputs.gitRepository as Props | undefined;
  return {
    name: inputs.name,
    buildCommand: orNull(inputs.buildCommand),
    ...when("commandForIgnoringBuildStep", inputs.ignoreCommand),
    devCommand: orNull(inputs.devCommand),
    // Undeclared ones are not known in the real provider's plan, and unknown is sent as false.
    enableAffectedProjectsDeployments: inputs.enableAffectedProjectsDeployments ?? false,
    ...(variables !== undefined && variables.length > 0 && { environmentVariables: variables.map(inlineVariable) }),
    framework: orNull(inputs.framework),
    ...(repository && { gitRepository: { type: repository.type, repo: repository.repo } }),
    installCommand: orNull(inputs.installCommand),
    ...when("oidcTokenConfig", inputs.oidcTokenConfig),
    outputDirectory: orNull(inputs.outputDirectory),
    previewDeploymentSuffix: orNull(inputs.previewDeploymentSuffix),
    rootDirectory: orNull(inputs.rootDirectory),
    ...when("resourceConfig", resourceConfig(inputs)),
    ...when("enablePreviewFeedback", inputs.enablePreviewFeedback ?? inputs.previewComments),
    enableProductionFeedback: inputs.enableProductionFeedback ?? false,
    ssoProtection: ssoProtection(inputs.vercelAuthentication),
    previewDeploymentsDisabled: inputs.previewDeploymentsDisabled ?? false,
  };
}

function gitProviderOptions(value: Props | undefined): Props | undefined {
  if (value === undefined) return undefined;
  return {
    requireVerifiedCommits: value.requireVerifiedCommits ?? false,
    ...(value.createDeployments !== undefined && {
      createDeployments: value.createDeployments ? "enabled" : "disabled",
    }),
    ...(value.repositoryDispatchEvents !== undefined && {
      disableRepositoryDispatchEvents: !value.repositoryDispatchEvents,
    }),
    gitCommitStatus: value.gitCommitStatus ?? false,
    ...when("consolidatedGitCommitStatus", value.consolidatedGitCommitStatus),
  };
}

/**
 * The body of `PATCH /v9/projects/ID`, also sent right after every create. Undeclared protections and texts are null,
 * which removes what was set by hand.
 *
 * @param oldName the name now: it is sent only when it changes
 */
export function updateRequest(inputs: Props, oldName: unknown): Props {
  return {
    buildCommand: orNull(inputs.buildCommand),
    commandForIgnoringBuildStep: orNull(inputs.ignoreCommand),
    devCommand: orNull(inputs.devCommand),
    framework: orNull(inputs.framework),
    installCommand: orNull(inputs.installCommand),
    ...(inputs.name !== oldName && { name: inputs.name }),
    outputDirectory: orNull(inputs.outputDirectory),
    previewDeploymentSuffix: orNull(inputs.previewDeploymentSuffix),
    rootDirectory: orNull(inputs.rootDirectory),
    ssoProtection: ssoProtection(inputs.vercelAuthentication),
    passwordProtection: passwordProtection(inputs.passwordProtection),
    trustedIps: trustedIps(inputs.trustedIps),
    trustedSources: trustedSources(inputs.trustedSources),
    oidcTokenConfig: orNull(inputs.oidcTokenConfig),
    optionsAllowlist: orNull(inputs.optionsAllowlist),
    autoExposeSystemEnvs: inputs.automaticallyExposeSystemEnvironmentVariables ?? false,
    enablePreviewFeedback: orNull(inputs.enablePreviewFeedback ?? inputs.previewComments),
    enableProductionFeedback: inputs.enableProductionFeedback ?? false,
    enableAffectedProjectsDeployments: inputs.enableAffectedProjectsDeployments ?? false,
    previewDeploymentsDisabled: inputs.previewDeploymentsDisabled ?? false,
    autoAssignCustomDomains: inputs.autoAssignCustomDomains ?? false,
    gitLFS: inputs.gitLfs ?? false,
    serverlessFunctionZeroConfigFailover: inputs.functionFailover ?? false,
    customerSupportCodeVisibility: inputs.customerSuccessCodeVisibility ?? false,
    protectedSourcemaps: inputs.protectedSourcemaps ?? false,
    gitForkProtection: inputs.gitForkProtection ?? false,
    productionDeploymentsFastLane: inputs.prioritiseProductionBuilds ?? false,
    directoryListing: inputs.directoryListing ?? false,
    skewProtectionMaxAge: SKEW_AGES[inputs.skewProtection as string] ?? 0,
    gitComments: orNull(inputs.gitComments),
    ...when("gitProviderOptions", gitProviderOptions(inputs.gitProviderOptions as Props | undefined)),
    ...when("resourceConfig", resourceConfig(inputs)),
    ...(inputs.nodeVersion !== undefined && inputs.nodeVersion !== "" && { nodeVersion: inputs.nodeVersion }),
  };
}
