import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { countLeftOut } from "../artifact/left-out.ts";
import { defaultOutput, defaultSteps, look } from "./defaults.ts";
import { machinePath } from "./environment.ts";
import { openGit } from "./git.ts";
import { type OutputPaths, outputPaths } from "./layout.ts";
import { type Built, epochOf, pack } from "./pack.ts";
import { publish } from "./publish.ts";
import { fetchSource } from "./source.ts";
import { insideOf, interrupted, runSteps } from "./steps.ts";
import { firstMissing, missingTool } from "./tools.ts";
import type { BuildOptions, BuildRequest, BuildResult } from "./types.ts";
import { closeWork, makeScratch, openWork } from "./work.ts";

/**
 * Builds a service's artifact: a copy of its source, its steps, then tree, archive, manifest, SBOM and provenance, put into
 * place at the end. A build that fails or is stopped leaves what was there before, and the evidence of the failure.
 *
 * @throws SitefleetError `build.…`, see docs/reference/errors.md; `plesk.artifact` when what was made cannot be deployed.
 */
export async function buildService(request: BuildRequest, options: BuildOptions): Promise<BuildResult> {
  const { service, artifact } = request;
  const paths = outputPaths(artifact);
  if (options.signal?.aborted) throw interrupted(service);
  const scratch = await makeScratch();
  let holds = false;
  try {
    await openWork(paths.work, scratch, service);
    holds = true;
    return await make(request, options, paths, scratch);
  } catch (error) {
    throw options.signal?.aborted ? interrupted(service) : explained(service, error);
  } finally {
    if (holds) await closeWork(paths.work, scratch);
    else await rm(scratch, { recursive: true, force: true });
  }
}

async function make(
  request: BuildRequest,
  options: BuildOptions,
  paths: OutputPaths,
  scratch: string,
): Promise<BuildResult> {
  const started = new Date();
  const { service } = request;
  const say = (line: string): void => options.say?.(`${service}: ${line}`);
  const { seconds, ...built } = await compile(request, options, paths, scratch, say);
  for (const { pattern, files } of await countLeftOut(join(built.dir, built.output), request.rules)) {
    say(`left out by ${pattern}: ${files} file${files === 1 ? "" : "s"}`);
  }
  say("packing");
  const packed = await pack(request, options, paths.work, { ...built, started });
  if (options.signal?.aborted) throw interrupted(service);
  const { tree, archive, components } = packed;
  await publish(paths, tree.dir, packed.dir, tree.digest);
  return {
    service,
    release: tree.digest,
    artifact: paths.tree,
    kept: join(paths.kept, tree.digest),
    commit: built.source.commit ?? null,
    dirty: built.source.dirty,
    files: tree.files,
    bytes: tree.bytes,
    archive: { bytes: archive.bytes, sha256: archive.sha256 },
    components,
    steps: built.steps.map(({ name }, index) => ({ name, seconds: rounded(seconds[index] ?? 0) })),
    seconds: rounded((Date.now() - started.getTime()) / 1000),
  };
}

/** Source and steps: what leads to the directory that is packed. */
async function compile(
  { service, build, rules }: BuildRequest,
  options: BuildOptions,
  paths: OutputPaths,
  scratch: string,
  say: (line: string) => void,
): Promise<Omit<Built, "started"> & { readonly seconds: readonly number[] }> {
  const kind = rules.kind ?? "generic";
  const path = machinePath(options.env);
  const git = await openGit(service, path, options.signal);
  say("source");
  const { repository, git: address, ref } = build;
  const source = await fetchSource(
    { subject: service, repository, git: address, ref, allowDirty: options.allowDirty ?? false },
    git,
    join(scratch, "source"),
  );
  const dir = join(source.dir, build.directory);
  if (!(await insideOf(source.dir, dir))) throw noDirectory(service, "directory", build.directory);
  const found = await look(dir);
  const steps = build.steps ?? defaultSteps(kind, found);
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
  const output = build.output ?? (await defaultOutput(kind, dir, found));
  if (output === undefined || !(await insideOf(dir, join(dir, output)))) throw noDirectory(service, "output", output);
  return { source, dir, steps, output, seconds };
}

function noDirectory(subject: string, field: "directory" | "output", value: string | undefined): SitefleetError {
  return new SitefleetError({
    code: "build.directory",
    subject,
    message:
      value === undefined
        ? "the build wrote to none of the directories where generators usually write"
        : `${JSON.stringify(value)} is no directory of the source`,
    hint: `${value === undefined ? "declare" : "correct"} \`build.${field}\` in services.yaml${field === "output" && value !== undefined ? ", or the step that makes it" : ""}`,
  });
}

/** A full disk or a directory without rights is nothing that a stack trace explains. */
function explained(subject: string, error: unknown): unknown {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (error instanceof SitefleetError || code === undefined || syscall === undefined) return error;
  return new SitefleetError({
    code: "build.files",
    subject,
    message: `${syscall} failed (${code})${path === undefined ? "" : `: ${path}`}`,
    hint: "look at free space and permissions of the output and of TMPDIR; the artifact that was there before is unchanged",
    cause: error,
  });
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
