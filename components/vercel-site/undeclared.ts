import type { ProjectArgs, ProjectDomainArgs } from "@pulumiverse/vercel";
import {
  declared,
  ignored,
  left,
  lessOrOther,
  moreOrOther,
  switchedOff,
  switchedOn,
  type UndeclaredOf,
  type Weakens,
} from "../undeclared/types.ts";

/** Deployments that a login protects, fewest first; the names are those of the provider. */
const AUTHENTICATION = [
  "none",
  "only_preview_deployments",
  "standard_protection",
  "standard_protection_new",
  "all_deployments",
];

const lessAuthentication: Weakens = (old, next) =>
  AUTHENTICATION.indexOf(String(next)) < AUTHENTICATION.indexOf(String(old));

/**
 * `vercel:index/project:Project`, read in terraform-provider-vercel 5.4.1, `resource_project.go`: `toUpdateProjectRequest`
 * is sent after each create and with each update, and puts null, false or 0 for what its plan does not know.
 */
export const project = {
  autoAssignCustomDomains: declared(
    "default",
    "false: nothing but a release moves the hosts; the provider's default is true",
  ),
  automaticallyExposeSystemEnvironmentVariables: declared(
    "off-at-first",
    "true: builds get VERCEL_GIT_COMMIT_SHA, by which checks tell releases apart, only with it",
  ),
  buildCommand: left("null", "null is the framework's own command; one set by hand is drift"),
  buildMachineType: left("nothing", "it costs money: the account's owner chooses in the dashboard"),
  customerSuccessCodeVisibility: left(
    "off-at-first",
    "Vercel's staff sees no source unless a person allows it",
    switchedOn,
  ),
  devCommand: left("null", "the fleet's projects are not developed in"),
  directoryListing: left(
    "off-at-first",
    "off is Vercel's default; a listing shows files that no page links to",
    switchedOn,
  ),
  enableAffectedProjectsDeployments: left(
    "off-at-first",
    "off: a release builds the commit it names, whatever changed in it",
  ),
  enablePreviewFeedback: left("null", "null is the team's own setting"),
  enableProductionFeedback: left("off-at-first", "off: visitors see no toolbar of Vercel's"),
  environments: declared("nothing", "the site's variables"),
  framework: declared("null", "of the catalog; null is Vercel's `other`"),
  functionFailover: left("off-at-first", "off is Vercel's default; it costs money"),
  gitComments: left("null", "null is Vercel's default; pull requests are not built"),
  gitForkProtection: left("default", "the provider sends true: builds of forks need a yes", switchedOff),
  gitLfs: left("off-at-first", "off is Vercel's default; what a person switches on stays"),
  gitProviderOptions: left("nothing", "Vercel's own defaults"),
  gitRepository: declared("nothing", "of the catalog"),
  ignoreCommand: left("null", "null: no build that a release asks for is skipped"),
  installCommand: left("null", "null is the framework's own command; one set by hand is drift"),
  name: declared("default", "without one the provider adds a random suffix"),
  nodeVersion: left("kept", "Vercel's current default; the sources may name one"),
  oidcTokenConfig: left("default", "the provider sends Vercel's own default, tokens of the team's issuer"),
  onDemandConcurrentBuilds: left("kept", "it costs money: the account's owner chooses in the dashboard"),
  optionsAllowlist: ignored("null", "paths that a person opened for OPTIONS requests stay open", moreOrOther),
  outputDirectory: left("null", "null is the framework's own folder; one set by hand is drift"),
  passwordProtection: ignored("null", "a person's protection stays", lessOrOther),
  previewComments: left("null", "the older name of enablePreviewFeedback"),
  previewDeploymentSuffix: left("null", "null is vercel.app; previews are not built"),
  previewDeploymentsDisabled: declared(
    "off-at-first",
    "true: each push would build every project linked to the repository",
  ),
  prioritiseProductionBuilds: declared(
    "off-at-first",
    "true, Vercel's default: a release waits for no preview of another project",
  ),
  protectedSourcemaps: left("off-at-first", "what a person switches on stays", switchedOff),
  publicSource: left("nothing", "never sent; the source stays private", switchedOn),
  resourceConfig: left("nothing", "size, region and time of functions cost money: the account's owner chooses"),
  rootDirectory: declared("null", "of the catalog; null is the repository's root"),
  serverlessFunctionRegion: left("nothing", "the team's default region"),
  skewProtection: declared(
    "off",
    "12 hours, unless told otherwise: without it a page loaded before a release asks the new one for old files",
  ),
  teamId: left("default", "the provider's team"),
  trustedIps: ignored("null", "a person's protection stays", lessOrOther),
  trustedSources: ignored("null", "what a person trusts stays", moreOrOther),
  vercelAuthentication: declared("default", "standard protection, unless told otherwise", lessAuthentication),
} satisfies UndeclaredOf<ProjectArgs>;

/** `vercel:index/projectDomain:ProjectDomain`, read in terraform-provider-vercel 5.4.1, `resource_project_domain.go`. */
export const projectDomain = {
  customEnvironmentId: left("nothing", "hosts belong to production"),
  gitBranch: left("null", "hosts belong to production; a branch set by hand is drift"),
  redirect: left("null", "a host serves its site; a redirect set by hand is drift"),
  redirectStatusCode: left("null", "as redirect"),
  teamId: left("default", "the provider's team"),
  waitForReady: left("nothing", "only how long the provider waits; the release waits for its hosts"),
} satisfies UndeclaredOf<ProjectDomainArgs>;
