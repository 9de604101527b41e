import { createHash } from "node:crypto";
import type { Deployment, Operation, Resource, TypedDeployment } from "./deployment.ts";
import { always, anyUnlessMissing, goMap, goStruct, structUnlessEmpty, unlessEmpty, unlessMissing } from "./go-json.ts";

/** Who wrote a state, and when. */
export interface Writer {
  /** Version of the engine as it names itself, with the `v`. */
  readonly version: string;
  readonly time: Date;
}

/** Fields of apitype.ResourceV3 in their order (sdk/go/common/apitype/core.go, 3.276). */
const RESOURCE = {
  urn: always,
  custom: always,
  delete: unlessEmpty,
  id: unlessEmpty,
  type: always,
  inputs: unlessEmpty,
  outputs: unlessEmpty,
  parent: unlessEmpty,
  protect: unlessEmpty,
  taint: unlessEmpty,
  external: unlessEmpty,
  dependencies: unlessEmpty,
  initErrors: unlessEmpty,
  provider: unlessEmpty,
  propertyDependencies: unlessEmpty,
  pendingReplacement: unlessEmpty,
  additionalSecretOutputs: unlessEmpty,
  aliases: unlessEmpty,
  customTimeouts: unlessMissing,
  importID: unlessEmpty,
  retainOnDelete: unlessEmpty,
  deletedWith: unlessEmpty,
  replaceWith: unlessEmpty,
  created: unlessMissing,
  modified: unlessMissing,
  sourcePosition: unlessEmpty,
  stackTrace: structUnlessEmpty,
  ignoreChanges: unlessEmpty,
  hideDiff: unlessEmpty,
  replaceOnChanges: unlessEmpty,
  replacementTrigger: anyUnlessMissing,
  refreshBeforeUpdate: unlessEmpty,
  viewOf: unlessEmpty,
  resourceHooks: unlessEmpty,
  extensionRef: unlessEmpty,
  snippetID: unlessEmpty,
};

/** Those of apitype.DeploymentV3. */
const DEPLOYMENT = {
  manifest: structUnlessEmpty,
  secrets_providers: (field: unknown) =>
    field == null ? undefined : goStruct(field as Record<string, unknown>, { type: always, state: encodedApart }),
  resources: listOf((resource) => resourceText(resource as Resource)),
  pending_operations: listOf((operation) => operationText(operation as Operation)),
  metadata: (field: unknown) => structUnlessEmpty(field) ?? "{}",
  snippets: structUnlessEmpty,
  extensions: extensionsText,
};

/** Texts of resources: most of a state is the same at the next look, and the same object in a replay. */
const texts = new WeakMap<Resource, string>();

/**
 * The text of a state's file as the engine's own backends write it: in one line, without a line end (saveCheckpoint in pulumi's
 * pkg/backend/diy/state.go, 3.276). What an earlier engine noted about a state that it found broken is left out, as it does with
 * one that is whole. Pure.
 *
 * @param stack its whole name, `organization/PROJECT/STACK`
 */
export function deploymentText(stack: string, { version, features, deployment }: TypedDeployment, by: Writer): string {
  const { integrity_error: _, ...metadata } = deployment.metadata ?? {};
  const latest: Deployment & { readonly manifest: unknown } = { ...deployment, manifest: manifestOf(by), metadata };
  const checkpoint = `{"stack":${goMap(stack)},"latest":${goStruct({ ...latest }, DEPLOYMENT)}}`;
  const needed = features.length > 0 ? `"features":${goMap(features)},` : "";
  return `{"version":${version},${needed}"checkpoint":${checkpoint}}`;
}

/** The engine knows a state of its own by the digest of its version. */
function manifestOf({ version, time }: Writer): unknown {
  const magic = version === "" ? "" : createHash("sha256").update(version).digest("hex");
  return { time: time.toISOString(), magic, version };
}

function resourceText(resource: Resource): string {
  const known = texts.get(resource);
  if (known !== undefined) return known;
  const text = goStruct(resource, RESOURCE);
  texts.set(resource, text);
  return text;
}

const operationText = ({ resource, type }: Operation) => `{"resource":${resourceText(resource)},"type":${goMap(type)}}`;

function listOf(write: (item: unknown) => string): (field: unknown) => string | undefined {
  return (field) =>
    Array.isArray(field) && field.length > 0 ? `[${field.map((item) => write(item)).join(",")}]` : undefined;
}

/** A map of structures. */
function extensionsText(field: unknown): string | undefined {
  if (!unlessEmpty(field)) return undefined;
  const extensions = Object.entries(field as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  const texts = extensions
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, extension]) => `${goMap(name)}:${goStruct(extension, { name: always, version: always, value: always })}`,
    );
  return `{${texts.join(",")}}`;
}

/** The state of a secrets provider is a text that it made itself, with its signs escaped for HTML. */
const encodedApart = (field: unknown) => (field == null ? undefined : goMap(field, true));
