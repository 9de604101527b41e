import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { diffManifests } from "../diff.ts";
import type { Artifact } from "../index.ts";
import { manifestDigest, renderManifest } from "../manifest.ts";
import { buildManifestSchema, entriesOf } from "./manifest-json.ts";
import { attestationPaths } from "./paths.ts";

/** Whether an artifact without manifest, SBOM and provenance may be deployed. */
export type AttestationPolicy = "required" | "optional";

/** What the files beside an artifact say of it, after they were compared with it. */
export interface Attestation {
  /** Who built it: the builder's id in the provenance. */
  readonly builder: string;
  /** Commit it was built from; null when its source is in no repository. */
  readonly commit: string | null;
  /** Its source also held changes that are in no commit. */
  readonly dirty: boolean;
  /** When the build ended, ISO 8601; null when the provenance does not say. */
  readonly builtAt: string | null;
  /** Components in the SBOM. */
  readonly components: number;
}

/** The largest of these files: the SBOM of a project with 20,000 packages is about 20 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Exit code of the driver for artifacts that are refused (`EXIT.artifact`). */
const EXIT_ARTIFACT = 10;
/** Differing files that an error names. */
const NAMED = 10;

const Digests = z.record(z.string(), z.string());
const provenanceSchema = z.object({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(z.object({ name: z.string(), digest: Digests })).min(1),
  predicateType: z.literal("https://slsa.dev/provenance/v1"),
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.string().min(1),
      externalParameters: z.object({ source: z.object({ dirty: z.boolean().default(false) }).optional() }).default({}),
      resolvedDependencies: z.array(z.object({ digest: Digests.optional() })).default([]),
    }),
    runDetails: z.object({
      builder: z.object({ id: z.string().min(1) }),
      metadata: z.object({ finishedOn: z.string().optional() }).default({}),
    }),
  }),
});

const sbomSchema = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string(),
  metadata: z.object({
    component: z.object({ hashes: z.array(z.object({ alg: z.string(), content: z.string() })) }),
  }),
  components: z.array(z.unknown()).default([]),
});

type Files = { readonly [Name in keyof ReturnType<typeof attestationPaths>]: Buffer | undefined };

/**
 * Holds an artifact against the manifest, SBOM and provenance beside it. What is there must fit, whatever the policy:
 * files that were changed after the build, an SBOM or a statement of another release are refused.
 *
 * @returns what they say; undefined when there are none and the policy allows that.
 * @throws SitefleetError `plesk.artifact.unattested` when they are required and missing; `plesk.artifact.attestation` when one of
 * them is missing, not readable, or of another content. Exit code 10; nothing was called.
 */
export async function checkAttestation(
  artifact: Pick<Artifact, "dir" | "digest" | "entries">,
  policy: AttestationPolicy,
): Promise<Attestation | undefined> {
  const paths = attestationPaths(artifact.dir);
  const files: Files = {
    manifest: await read(paths.manifest),
    sbom: await read(paths.sbom),
    provenance: await read(paths.provenance),
  };
  const { manifest, sbom, provenance } = files;
  const missing = (Object.keys(paths) as (keyof Files)[]).filter((name) => files[name] === undefined);
  if (missing.length === 3 && policy === "optional") return undefined;
  if (missing.length === 3) {
    throw new SitefleetError({
      code: "plesk.artifact.unattested",
      message: `artifact ${artifact.dir}: nothing attests it, and its service requires that (\`attested\`)`,
      hint: "build it with `sitefleet build`, or set `attested: optional` in services.yaml",
      exitCode: EXIT_ARTIFACT,
    });
  }
  if (manifest === undefined || sbom === undefined || provenance === undefined) {
    throw refused(artifact, `${missing.map((name) => basename(paths[name])).join(" and ")} is missing`);
  }
  checkManifest(artifact, parse(artifact, paths.manifest, manifest, buildManifestSchema));
  const components = checkSbom(artifact, parse(artifact, paths.sbom, sbom, sbomSchema));
  const statement = parse(artifact, paths.provenance, provenance, provenanceSchema);
  const said = new Set(statement.subject.flatMap(({ digest }) => digest.sha256 ?? []));
  if (!said.has(artifact.digest)) throw refused(artifact, "the provenance is that of another release");
  for (const [name, content] of [
    ["manifest", manifest],
    ["sbom", sbom],
  ] as const) {
    const digest = createHash("sha256").update(content).digest("hex");
    if (!said.has(digest)) throw refused(artifact, `${basename(paths[name])} is not the one that the provenance names`);
  }
  const { buildDefinition, runDetails } = statement.predicate;
  return {
    builder: runDetails.builder.id,
    commit: buildDefinition.resolvedDependencies.find(({ digest }) => digest?.gitCommit)?.digest?.gitCommit ?? null,
    dirty: buildDefinition.externalParameters.source?.dirty ?? false,
    builtAt: runDetails.metadata.finishedOn ?? null,
    components,
  };
}

function checkManifest(
  artifact: Pick<Artifact, "dir" | "digest" | "entries">,
  { release, files }: z.infer<typeof buildManifestSchema>,
): void {
  const entries = entriesOf(files);
  if (manifestDigest(renderManifest(entries)) !== release) {
    throw refused(artifact, "the manifest does not prove its own release id");
  }
  if (release === artifact.digest) return;
  const changes = diffManifests(entries, artifact.entries);
  const signs = { create: "+", change: "~", delete: "-" } as const;
  throw refused(artifact, "its files are not those of the manifest", [
    ...changes.slice(0, NAMED).map(({ action, path }) => `${signs[action]} ${JSON.stringify(path)}`),
    ...(changes.length > NAMED ? [`and ${changes.length - NAMED} more`] : []),
    ...(changes.length === 0 ? ["only empty directories differ"] : []),
  ]);
}

function checkSbom(artifact: Pick<Artifact, "dir" | "digest">, sbom: z.infer<typeof sbomSchema>): number {
  const { hashes } = sbom.metadata.component;
  if (!hashes.some(({ alg, content }) => alg === "SHA-256" && content === artifact.digest)) {
    throw refused(artifact, "the SBOM is that of another release");
  }
  return sbom.components.length;
}

function parse<Schema extends z.ZodType>(
  artifact: Pick<Artifact, "dir">,
  path: string,
  content: Buffer,
  schema: Schema,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(content.toString("utf8"));
  } catch (error) {
    throw refused(artifact, `${basename(path)} is not JSON`, [], error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refused(
    artifact,
    `${basename(path)} has not the form that \`sitefleet build\` writes`,
    result.error.issues.slice(0, NAMED).map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`),
  );
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new Error("too large");
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new SitefleetError({
      code: "plesk.artifact.attestation",
      message: `${path} cannot be read (${code ?? `more than ${MAX_BYTES} bytes`})`,
      hint: "build the service again",
      exitCode: EXIT_ARTIFACT,
      cause: error,
    });
  }
}

function refused(
  artifact: Pick<Artifact, "dir">,
  why: string,
  details: readonly string[] = [],
  cause?: unknown,
): SitefleetError {
  return new SitefleetError({
    code: "plesk.artifact.attestation",
    message: `artifact ${artifact.dir}: ${why}`,
    hint: "build the service again with `sitefleet build`",
    details,
    exitCode: EXIT_ARTIFACT,
    cause,
  });
}
