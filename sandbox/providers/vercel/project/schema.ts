import type { Properties } from "../../framework/index.ts";
import { boolean, integer, list, map, object, set, string } from "../../framework/index.ts";
import { TARGETS } from "../environment.ts";

const length = (min: number, max: number) => (value: unknown) => {
  const size = String(value).length;
  return size >= min && size <= max ? undefined : `string length must be between ${min} and ${max}, got: ${size}`;
};

const name = (value: unknown): string | undefined =>
  length(1, 52)(value) ??
  (/^[a-z0-9-]{0,100}$/.test(String(value))
    ? undefined
    : "The name of a Project can only contain up to 100 alphanumeric lowercase characters and hyphens");

const environments = set(
  object({
    key: string({ required: true }),
    value: string({ required: true, secret: true }),
    sensitive: boolean({ required: true }),
    targets: set(string({ allowed: TARGETS }), { computed: true }),
    customEnvironmentIds: set(string(), { computed: true }),
    gitBranch: string(),
    comment: string({ computed: true, validate: length(0, 1000) }),
    id: string({ computed: true }),
  }),
  { secret: "output" },
);

const gitRepository = object({
  type: string({ required: true, allowed: ["github", "gitlab", "bitbucket"] }),
  repo: string({ required: true }),
  productionBranch: string({ computed: true }),
  deployHooks: set(
    object({
      name: string({ required: true }),
      ref: string({ required: true }),
      id: string({ computed: true }),
      url: string({ computed: true, secret: true }),
    }),
    { secret: "output" },
  ),
});

const PREVIEW_TYPES = ["standard_protection_new", "standard_protection", "all_deployments", "only_preview_deployments"];

const matcher = object({ slugs: set(string()), preset: string({ allowed: ["all-custom"] }) }, { required: true });

const trustedSources = object({
  projects: set(
    object({
      projectId: string({ required: true, validate: length(1, 64) }),
      label: string({ validate: length(1, 100) }),
      customAllows: set(object({ from: matcher, to: matcher })),
    }),
  ),
  externalSources: set(
    object({
      issuer: string({ required: true, validate: length(1, 512) }),
      label: string({ validate: length(1, 100) }),
      to: matcher,
      claims: map(set(string()), { required: true }),
    }),
  ),
});

const computed = () => boolean({ computed: true });

/** All properties of `vercel:index/project:Project`, SDK 5.4.1. */
export const projectProperties: Properties = {
  // Not required: `check` makes a name out of the logical one.
  name: string({ validate: name }),
  teamId: string({ computed: true, replaces: true }),
  buildCommand: string(),
  devCommand: string(),
  installCommand: string(),
  ignoreCommand: string(),
  outputDirectory: string(),
  rootDirectory: string(),
  previewDeploymentSuffix: string(),
  framework: string(),
  nodeVersion: string({ computed: true, allowed: ["18.x", "20.x", "22.x", "24.x"] }),
  serverlessFunctionRegion: string({ computed: true, volatile: true }),
  publicSource: boolean(),
  environments,
  gitRepository,
  vercelAuthentication: object(
    { deploymentType: string({ computed: true, allowed: [...PREVIEW_TYPES, "none"] }) },
    { computed: true },
  ),
  passwordProtection: object({
    password: string({ required: true, secret: true, validate: length(1, 72), writeOnly: true }),
    deploymentType: string({ required: true, allowed: PREVIEW_TYPES }),
  }),
  trustedIps: object({
    addresses: set(object({ value: string({ required: true, secret: true }), note: string() }), {
      required: true,
      secret: "output",
    }),
    deploymentType: string({ required: true, allowed: [...PREVIEW_TYPES, "only_production_deployments"] }),
    protectionMode: string({
      default: "trusted_ip_required",
      allowed: ["trusted_ip_required", "trusted_ip_optional"],
    }),
  }),
  trustedSources,
  oidcTokenConfig: object(
    { issuerMode: string({ default: "team", allowed: ["team", "global"] }) },
    { default: { issuerMode: "team" } },
  ),
  optionsAllowlist: object({ paths: set(object({ value: string({ required: true }) }), { required: true }) }),
  automaticallyExposeSystemEnvironmentVariables: computed(),
  enableAffectedProjectsDeployments: computed(),
  gitComments: object({ onPullRequest: boolean({ required: true }), onCommit: boolean({ required: true }) }),
  gitProviderOptions: object(
    {
      requireVerifiedCommits: computed(),
      createDeployments: computed(),
      repositoryDispatchEvents: computed(),
      gitCommitStatus: computed(),
      consolidatedGitCommitStatus: object(
        { enabled: boolean({ required: true }), propagateFailures: boolean({ required: true }) },
        { computed: true },
      ),
    },
    { computed: true, volatile: true },
  ),
  previewComments: boolean({ computed: true, volatile: true }),
  enablePreviewFeedback: boolean({ computed: true, volatile: true }),
  enableProductionFeedback: computed(),
  previewDeploymentsDisabled: computed(),
  autoAssignCustomDomains: boolean({ default: true }),
  gitLfs: computed(),
  functionFailover: computed(),
  customerSuccessCodeVisibility: computed(),
  protectedSourcemaps: computed(),
  gitForkProtection: boolean({ default: true }),
  prioritiseProductionBuilds: computed(),
  directoryListing: computed(),
  skewProtection: string({ allowed: ["30 minutes", "4 hours", "12 hours", "1 day", "7 days"] }),
  resourceConfig: object(
    {
      functionDefaultCpuType: string({ computed: true, allowed: ["standard_legacy", "standard", "performance"] }),
      functionDefaultTimeout: integer({
        computed: true,
        validate: (value) =>
          (value as number) >= 1 && (value as number) <= 900
            ? undefined
            : `value must be between 1 and 900, got: ${value}`,
      }),
      functionDefaultRegions: set(string(), { computed: true }),
      fluid: computed(),
    },
    { computed: true, volatile: true },
  ),
  onDemandConcurrentBuilds: computed(),
  buildMachineType: string({
    computed: true,
    volatile: true,
    allowed: ["standard", "enhanced", "turbo", "elastic"],
  }),
};

/** The same as outputs of `getProject`, with what only that function shows. */
export const projectDataProperties: Properties = {
  ...projectProperties,
  id: string(),
  protectionBypassForAutomation: boolean(),
  protectionBypassForAutomationSecrets: list(string(), { secret: true }),
};
