import type { BuildStep } from "../../model/index.ts";
import type { Component, Lockfile } from "./sbom/index.ts";
import type { Source } from "./source.ts";

/** What a provenance statement says. */
export interface ProvenanceParts {
  readonly service: string;
  readonly kind: string;
  /** Release id. */
  readonly release: string;
  /** Names and SHA-256 of the files that were made. */
  readonly made: readonly { readonly name: string; readonly sha256: string }[];
  readonly source: Source;
  readonly directory: string;
  readonly output: string;
  readonly exclude: readonly string[];
  readonly steps: readonly BuildStep[];
  readonly lockfiles: readonly Lockfile[];
  readonly components: readonly Component[];
  /** Who builds; a URI. */
  readonly builder: string;
  /** Versions of what builds, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly invocation: string;
  readonly started: Date;
  readonly finished: Date;
}

/** What `externalParameters` mean: docs/reference/artifacts.md. */
const BUILD_TYPE = "urn:sitefleet:build:v1";
/** Builder id where the environment names no builder. */
const LOCAL_BUILDER = "urn:sitefleet:builder:local";

const DIGEST_NAMES = { "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" } as const;

/**
 * An in-toto statement (v1) with a SLSA provenance predicate (v1). Pure. Its subjects are the release, by its id, which is the
 * SHA-256 of the manifest's text form, and the archive, manifest and SBOM by the SHA-256 of their bytes. Environment variables
 * are named, their values are not.
 */
export function provenance(parts: ProvenanceParts): Record<string, unknown> {
  const { source } = parts;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      { name: `${parts.service}/releases/${parts.release}`, digest: { sha256: parts.release } },
      ...parts.made.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    ],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {
          service: parts.service,
          kind: parts.kind,
          source: { ...sourceOf(source), dirty: source.dirty },
          directory: [source.inside, parts.directory].filter((part) => part !== "").join("/"),
          output: parts.output,
          exclude: parts.exclude,
          steps: parts.steps.map(({ run, directory, env, timeoutSeconds }) => ({
            run,
            directory,
            env,
            timeoutSeconds,
          })),
        },
        internalParameters: { platform: `${process.platform}-${process.arch}` },
        resolvedDependencies: [
          ...(source.commit === undefined
            ? []
            : [
                {
                  ...sourceOf(source),
                  digest: { gitCommit: source.commit },
                  ...(source.dirty ? { annotations: { dirty: true } } : {}),
                },
              ]),
          ...parts.lockfiles.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
          ...parts.components.flatMap(({ purl, hashes }) =>
            hashes.length === 0
              ? []
              : [
                  {
                    uri: purl,
                    digest: Object.fromEntries(hashes.map(({ alg, content }) => [DIGEST_NAMES[alg], content])),
                  },
                ],
          ),
        ],
      },
      runDetails: {
        builder: { id: parts.builder, version: parts.versions },
        metadata: {
          invocationId: parts.invocation,
          startedOn: parts.started.toISOString(),
          finishedOn: parts.finished.toISOString(),
        },
      },
    },
  };
}

function sourceOf({ uri, name, commit }: Source): Record<string, string> {
  return {
    ...(uri === undefined ? { name } : { uri: commit === undefined ? uri : `${uri}@${commit}` }),
  };
}

/** Who builds and in which run, as GitHub Actions says it, or as a caller does. Pure. */
export function builderOf(
  env: NodeJS.ProcessEnv,
  random: () => string,
): { readonly builder: string; readonly invocation: string } {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (env.GITHUB_ACTIONS === "true" && server !== undefined && repository !== undefined && run !== undefined) {
    return {
      builder: `${server}/${env.GITHUB_WORKFLOW_REF ?? repository}`,
      invocation: `${server}/${repository}/actions/runs/${run}/attempts/${env.GITHUB_RUN_ATTEMPT ?? "1"}`,
    };
  }
  return { builder: LOCAL_BUILDER, invocation: `urn:uuid:${random()}` };
}
