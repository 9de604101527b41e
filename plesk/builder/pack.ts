import { createHash, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import type { BuildStep } from "../../model/index.ts";
import { filesOf, renderBuildManifest } from "../artifact/attestation/manifest-json.ts";
import { type Artifact, type ArtifactRules, readArtifact } from "../artifact/index.ts";
import { type Archive, packTree } from "./archive.ts";
import { KEPT } from "./layout.ts";
import { builderOf, provenance } from "./provenance.ts";
import { copyEntries } from "./publish.ts";
import { cycloneDx, readLockfiles } from "./sbom/index.ts";
import type { Source } from "./source.ts";
import type { BuildOptions, BuildRequest } from "./types.ts";

/** A source whose steps have run. */
export interface Built {
  readonly source: Source;
  /** Directory of the build in it, absolute. */
  readonly dir: string;
  readonly steps: readonly BuildStep[];
  /** Directory of the result, relative to `dir`. */
  readonly output: string;
  readonly started: Date;
}

/** What {@link pack} made, not yet in its place. */
export interface Packed {
  readonly tree: Artifact;
  readonly archive: Archive;
  /** Directory with the files of {@link KEPT}. */
  readonly dir: string;
  /** Packages in the SBOM. */
  readonly components: number;
}

/** Time of entries whose source has none: the first that every archive format can hold. */
const NO_TIME = 315_532_800;

/**
 * Makes tree, archive, manifest, SBOM and provenance of what was built.
 *
 * @param work Directory of the build under way; they are made in it.
 */
export async function pack(
  { service, build, rules }: BuildRequest,
  options: BuildOptions,
  work: string,
  built: Built,
): Promise<Packed> {
  const { source, output, steps } = built;
  const kind = rules.kind ?? "generic";
  const tree = await takeTree(join(built.dir, output), rules, join(work, "tree"));
  const dir = join(work, "made");
  await mkdir(dir, { mode: 0o755 });
  const mtime = epochOf(options.env, source);
  const archive = await packTree(tree.dir, tree.entries, mtime, join(dir, KEPT.archive), options.signal);
  const { digest: release, entries, bytes } = tree;
  const manifest = renderBuildManifest({
    version: 1,
    service,
    release,
    archive: { name: KEPT.archive, ...archive },
    mtime,
    bytes,
    files: filesOf(entries),
  });
  const dirs = [build.directory, ...steps.map((step) => join(build.directory, step.directory))].map(trimmed);
  const { found, lockfiles } = await readLockfiles(service, source.dir, dirs, tree);
  const time = new Date(mtime * 1000).toISOString();
  const bom = cycloneDx({ service, release, time, tool: options.version }, found);
  const sbom = json(bom);
  const statement = provenance({
    service,
    kind,
    release,
    made: [
      { name: KEPT.archive, sha256: archive.sha256 },
      { name: KEPT.manifest, sha256: sha256(manifest) },
      { name: KEPT.sbom, sha256: sha256(sbom) },
    ],
    source,
    directory: build.directory,
    output,
    exclude: rules.exclude ?? [],
    steps,
    lockfiles,
    components: found.flatMap((part) => part.components),
    ...builderOf(options.env, randomUUID),
    versions: { sitefleet: options.version, node: process.versions.node },
    started: built.started,
    finished: new Date(),
  });
  await writeFile(join(dir, KEPT.manifest), manifest);
  await writeFile(join(dir, KEPT.sbom), sbom);
  await writeFile(join(dir, KEPT.provenance), json(statement));
  return { tree, archive, dir, components: (bom.components as unknown[]).length };
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

/** Seconds since the epoch that stand for the source: SOURCE_DATE_EPOCH where it is set, else the time of the commit. Pure. */
export function epochOf(env: NodeJS.ProcessEnv, source: Source): number {
  const given = env.SOURCE_DATE_EPOCH ?? "";
  return /^\d{1,11}$/.test(given) ? Number(given) : (source.commitTime ?? NO_TIME);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const trimmed = (path: string): string => path.replace(/^\.?\/|\/$/g, "").replace(/^\.$/, "");
