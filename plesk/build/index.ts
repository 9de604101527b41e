import { createHash, randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildStep, ServiceBuild } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { type BuildManifest, filesOf, renderBuildManifest } from "../artifact/attestation/manifest-json.ts";
import { type Artifact, type ArtifactRules, readArtifact } from "../artifact/index.ts";
import { packTree } from "./archive.ts";
import { defaultOutput, defaultSteps, look } from "./defaults.ts";
import { openGit } from "./git.ts";
import { KEPT, type OutputPaths, outputPaths } from "./layout.ts";
import { builderOf, provenance } from "./provenance.ts";
import { copyEntries, publish } from "./publish.ts";
import { cycloneDx, readLockfiles } from "./sbom/index.ts";
import { fetchSource, type Source } from "./source.ts";
import { insideOf, interrupted, pathOf, runSteps } from "./steps.ts";
import { firstMissing, missingTool } from "./tools.ts";
import { closeWork, makeScratch, openWork } from "./work.ts";

export { outputPaths } from "./layout.ts";
export { type PruneRequest, prune } from "./prune.ts";

/** What to build. */
export interface BuildRequest {
  /** Key of the service. */
  readonly service: string;
  /** The build as declared; `repository` absolute. */
  readonly build: ServiceBuild;
  /** What the driver takes of an artifact; decides the release id. */
  readonly rules: ArtifactRules;
  /** Absolute directory where the artifact goes; everything else lies beside it. */
  readonly artifact: string;
}

/** How to build. */
export interface BuildOptions {
  /** The caller's environment: of it a step gets PATH and the names that its build declares. */
  readonly env: NodeJS.ProcessEnv;
  /** Version of sitefleet. */
  readonly version: string;
  /** Also build changes that are in no commit. @default false */
  readonly allowDirty?: boolean;
  /** Where npm, pip and composer keep what they fetched. @default a directory that is removed afterwards */
  readonly cache?: string;
  readonly signal?: AbortSignal;
  /** Gets one line for people whenever something begins. @default nobody */
  readonly say?: (line: string) => void;
}

/** What was built. */
export interface BuildResult {
  readonly service: string;
  /** Release id: the content digest by which the artifact is deployed. */
  readonly release: string;
  /** Directory of the artifact. */
  readonly artifact: string;
  /** Directory that holds its archive, manifest, SBOM and provenance. */
  readonly kept: string;
  /** null when the source is in no repository. */
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly archive: { readonly bytes: number; readonly sha256: string };
  /** Packages in the SBOM. */
  readonly components: number;
  readonly steps: readonly { readonly name: string; readonly seconds: number }[];
  readonly seconds: number;
}

/** Time of entries whose source has none: the first that every archive format can hold. */
const NO_TIME = 315_532_800;

/**
 * Builds a service's artifact: a copy of its source, its steps, then tree, archive, manifest, SBOM and provenance, put into
 * place at the end. A build that fails or is stopped leaves what was there before, and the evidence of the failure.
 *
 * @throws SitefleetError `build.…`, see docs/build.md; `plesk.artifact` when what was made cannot be deployed.
 */
export async function buildService(request: BuildRequest, options: BuildOptions): Promise<BuildResult> {
  const { service, artifact } = request;
  const paths = outputPaths(artifact);
  if (options.signal?.aborted) throw interrupted(service);
  const scratch = await makeScratch();
  try {
    await openWork(paths.work, scratch, service);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw error;
  }
  try {
    return await make(request, options, paths, scratch);
  } catch (error) {
    throw options.signal?.aborted ? interrupted(service) : error;
  } finally {
    await closeWork(paths.work, scratch);
  }
}

async function make(
  { service, build, rules }: BuildRequest,
  options: BuildOptions,
  paths: OutputPaths,
  scratch: string,
): Promise<BuildResult> {
  const started = new Date();
  const say = (line: string): void => options.say?.(`${service}: ${line}`);
  const path = pathOf(options.env);
  const git = await openGit(service, path, options.signal);
  say("source");
  const source = await fetchSource(
    {
      subject: service,
      repository: build.repository,
      git: build.git,
      ref: build.ref,
      allowDirty: options.allowDirty ?? false,
    },
    git,
    join(scratch, "source"),
  );
  const dir = join(source.dir, build.directory);
  if (!(await insideOf(source.dir, dir))) throw noDirectory(service, "directory", build.directory);
  const found = await look(dir);
  const steps = build.steps ?? defaultSteps(rules.kind ?? "generic", found);
  const missing = await firstMissing(steps, path);
  if (missing !== undefined) throw missingTool(missing.program, service, missing.step);
  for (const name of ["home", "tmp"]) await mkdir(join(scratch, name));
  const seconds = await runSteps(steps, {
    subject: service,
    dir,
    scratch,
    cache: options.cache ?? join(scratch, "cache"),
    epoch: epochOf(options.env, source),
    env: build.env,
    from: options.env,
    failure: paths.failure,
    signal: options.signal,
    say,
  });
  say("packing");
  const output = build.output ?? (await defaultOutput(rules.kind ?? "generic", dir, found));
  if (output === undefined) {
    throw new SitefleetError({
      code: "build.directory",
      subject: service,
      message: "the build wrote to none of the directories where generators usually write",
      hint: "declare `build.output` in services.yaml",
    });
  }
  if (!(await insideOf(dir, join(dir, output)))) throw noDirectory(service, "output", output);
  const tree = await takeTree(join(dir, output), rules, join(paths.work, "tree"));
  const made = join(paths.work, "made");
  await mkdir(made, { mode: 0o755 });
  const mtime = epochOf(options.env, source);
  const archive = await packTree(tree.dir, tree.entries, mtime, join(made, KEPT.archive), options.signal);
  const manifest: BuildManifest = {
    version: 1,
    service,
    release: tree.digest,
    archive: { name: KEPT.archive, ...archive },
    mtime,
    bytes: tree.bytes,
    files: filesOf(tree.entries),
  };
  const dirs = [build.directory, ...steps.map((step) => join(build.directory, step.directory))].map(trimmed);
  const locks = await readLockfiles(service, source.dir, dirs, tree);
  const bom = cycloneDx(
    { service, release: tree.digest, time: new Date(mtime * 1000).toISOString(), tool: options.version },
    locks.found,
  );
  const texts = { manifest: renderBuildManifest(manifest), sbom: json(bom) };
  const components = locks.found.flatMap((part) => part.components);
  const { builder, invocation } = builderOf(options.env, randomUUID);
  const statement = provenance({
    service,
    kind: rules.kind ?? "generic",
    release: tree.digest,
    made: [
      { name: KEPT.archive, sha256: archive.sha256 },
      { name: KEPT.manifest, sha256: sha256(texts.manifest) },
      { name: KEPT.sbom, sha256: sha256(texts.sbom) },
    ],
    source,
    directory: build.directory,
    output,
    exclude: rules.exclude ?? [],
    steps: steps as readonly BuildStep[],
    lockfiles: locks.lockfiles,
    components,
    builder,
    versions: { sitefleet: options.version, node: process.versions.node },
    invocation,
    started,
    finished: new Date(),
  });
  await writeFile(join(made, KEPT.manifest), texts.manifest);
  await writeFile(join(made, KEPT.sbom), texts.sbom);
  await writeFile(join(made, KEPT.provenance), json(statement));
  if (options.signal?.aborted) throw interrupted(service);
  await publish(paths, tree.dir, made, tree.digest);
  return {
    service,
    release: tree.digest,
    artifact: paths.tree,
    kept: join(paths.kept, tree.digest),
    commit: source.commit ?? null,
    dirty: source.dirty,
    files: tree.files,
    bytes: tree.bytes,
    archive: { bytes: archive.bytes, sha256: archive.sha256 },
    components: (bom.components as unknown[]).length,
    steps: steps.map(({ name }, index) => ({ name, seconds: rounded(seconds[index] ?? 0) })),
    seconds: rounded((Date.now() - started.getTime()) / 1000),
  };
}

/** Copies what belongs to the artifact, and reads the copy as the driver will: both must have the same digest. */
async function takeTree(from: string, rules: ArtifactRules, to: string): Promise<Artifact> {
  const all = { ...rules, exclude: [...(rules.exclude ?? []), ".git"] };
  const { entries, digest } = await readArtifact(from, all);
  await copyEntries(from, entries, to);
  const tree = await readArtifact(to, rules);
  if (tree.digest === digest) return tree;
  throw new SitefleetError({
    code: "build.archive",
    message: "files changed while they were copied",
    hint: "look for a step that left something running, and build again",
  });
}

/** SOURCE_DATE_EPOCH where it is set, else the time of the commit. */
function epochOf(env: NodeJS.ProcessEnv, source: Source): number {
  const given = env.SOURCE_DATE_EPOCH ?? "";
  return /^\d{1,11}$/.test(given) ? Number(given) : (source.commitTime ?? NO_TIME);
}

function noDirectory(subject: string, field: "directory" | "output", value: string): SitefleetError {
  return new SitefleetError({
    code: "build.directory",
    subject,
    message: `${JSON.stringify(value)} is no directory of the source`,
    hint: `correct \`build.${field}\` in services.yaml${field === "output" ? ", or the step that makes it" : ""}`,
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
const trimmed = (path: string): string => path.replace(/^\.?\/|\/$/g, "").replace(/^\.$/, "");
