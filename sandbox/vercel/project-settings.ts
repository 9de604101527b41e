import { badRequest } from "./errors.ts";
import { isFramework } from "./frameworks.ts";

type Kind = "text" | "flag" | "number" | "object";

/** Settings of a project that callers may write: type, and what the API answers when never set. */
const FIELDS: Readonly<Record<string, readonly [Kind, unknown]>> = {
  autoAssignCustomDomains: ["flag", true],
  autoExposeSystemEnvs: ["flag", true],
  buildCommand: ["text", null],
  commandForIgnoringBuildStep: ["text", null],
  customerSupportCodeVisibility: ["flag", false],
  devCommand: ["text", null],
  directoryListing: ["flag", false],
  enableAffectedProjectsDeployments: ["flag", true],
  enablePreviewFeedback: ["flag", null],
  enableProductionFeedback: ["flag", null],
  framework: ["text", null],
  gitComments: ["object", { onPullRequest: true, onCommit: false }],
  gitForkProtection: ["flag", true],
  gitLFS: ["flag", false],
  gitProviderOptions: ["object", { createDeployments: "enabled" }],
  installCommand: ["text", null],
  nodeVersion: ["text", "22.x"],
  oidcTokenConfig: ["object", { enabled: true, issuerMode: "team" }],
  optionsAllowlist: ["object", null],
  outputDirectory: ["text", null],
  passwordProtection: ["object", null],
  previewDeploymentSuffix: ["text", null],
  previewDeploymentsDisabled: ["flag", false],
  productionDeploymentsFastLane: ["flag", true],
  protectedSourcemaps: ["flag", false],
  publicSource: ["flag", null],
  resourceConfig: ["object", null],
  rootDirectory: ["text", null],
  serverlessFunctionRegion: ["text", "iad1"],
  serverlessFunctionZeroConfigFailover: ["flag", false],
  skewProtectionMaxAge: ["number", 0],
  sourceFilesOutsideRootDirectory: ["flag", true],
  ssoProtection: ["object", { deploymentType: "all_except_custom_domains" }],
  trustedIps: ["object", null],
  trustedSources: ["object", null],
};

/** What a project answers with when `resourceConfig` or parts of it were never set. */
const RESOURCES = {
  functionDefaultMemoryType: "standard",
  functionDefaultTimeout: 300,
  functionDefaultRegions: ["iad1"],
  fluid: true,
  elasticConcurrencyEnabled: false,
  buildMachineType: "standard",
  buildMachineSelection: "fixed",
};

const NODE_VERSIONS = new Set(["18.x", "20.x", "22.x", "24.x"]);

/** Names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(FIELDS);

/** The value of a setting. */
export function setting(settings: Readonly<Record<string, unknown>>, name: string): unknown {
  return name in settings ? settings[name] : FIELDS[name]?.[1];
}

/** All settings, as a project's answer shows them. */
export function allSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) all[name] = setting(settings, name);
  const given = (settings.resourceConfig ?? {}) as Record<string, unknown>;
  const elastic = given.buildMachineType === "elastic";
  all.resourceConfig = {
    ...RESOURCES,
    functionDefaultRegions: [all.serverlessFunctionRegion ?? "iad1"],
    ...given,
    ...(elastic ? { buildMachineType: "standard", buildMachineSelection: "elastic" } : {}),
  };
  return all;
}

/**
 * The settings among a body's fields, checked; a field that is absent is not touched, null or "" removes it.
 * Passwords are dropped: the API never shows them either.
 * @throws ApiError 400
 */
export function readSettings(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const field = FIELDS[name];
    if (field === undefined) continue;
    if (value !== null && !fits(field[0], value))
      throw badRequest(`Invalid request: \`${name}\` should be ${field[0]}.`);
    read[name] = field[0] === "text" && value === "" ? null : value;
  }
  const { framework, nodeVersion, passwordProtection, serverlessFunctionRegion } = read;
  if (typeof framework === "string" && !isFramework(framework)) {
    throw badRequest("Invalid request: `framework` should be equal to one of the allowed values.");
  }
  if (nodeVersion === null) delete read.nodeVersion;
  else if (nodeVersion !== undefined && !NODE_VERSIONS.has(String(nodeVersion))) {
    throw badRequest("Invalid request: `nodeVersion` should be equal to one of the allowed values.");
  }
  if (serverlessFunctionRegion === null) delete read.serverlessFunctionRegion;
  if (typeof passwordProtection === "object" && passwordProtection !== null) {
    read.passwordProtection = { deploymentType: (passwordProtection as Record<string, unknown>).deploymentType };
  }
  return read;
}

function fits(kind: Kind, value: unknown): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "flag") return typeof value === "boolean";
  if (kind === "number") return typeof value === "number";
  return typeof value === "object";
}
