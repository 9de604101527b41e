import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type Catalog, loadCatalog, type Service } from "../../catalog/index.ts";
import { environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { wholeNumber } from "../../operations/kit/fields.ts";
import { type BuildResult, buildService, prune } from "../../plesk/builder/index.ts";
import { rulesOf } from "../../stacks/artifacts.ts";
import { prepare, withCommon } from "../context.ts";
import { forPeople, plural, print, printJson, say } from "../output/style.ts";
import { onStop } from "../signals.ts";

/** Days that built artifacts are kept; the order asks for 30. */
const KEEP_DAYS = 30;

interface Options {
  readonly service?: readonly string[];
  readonly all?: boolean;
  readonly out?: string;
  readonly keepDays?: number;
  readonly allowDirty?: boolean;
}

interface Failure {
  readonly service: string;
  readonly error: SitefleetError;
}

/** `sitefleet build`: makes artifacts of services by their declared builds. */
export function registerBuild(program: Command): void {
  const collect = (value: string, previous: string[] = []) => [...previous, value];
  withCommon(program.command("build"))
    .description(
      "build services' artifacts: run the declared steps, pack a reproducible archive, write manifest, SBOM and provenance",
    )
    .option("--service <key>", "this service; may be given several times", collect)
    .option("--all", "every service that declares a build")
    .option("--out <dir>", "put them into this directory, by key (default: where services.yaml says, `artifact`)")
    .option("--keep-days <n>", `days that built archives are kept (default: ${KEEP_DAYS})`, wholeNumber("--keep-days"))
    .option("--allow-dirty", "also build changes that are in no commit; the provenance says so")
    .action(async (options: Options, command: Command) => {
      const { catalogDir, json } = await prepare(command);
      const catalog = loadCatalog(catalogDir);
      const services = chosen(catalog, options);
      const artifactOf = (service: Service): string =>
        options.out === undefined ? resolve(catalogDir, service.artifact) : join(resolve(options.out), service.key);
      const stop = new AbortController();
      const listening = onStop(() => stop.abort());
      const built: BuildResult[] = [];
      const failed: Failure[] = [];
      try {
        for (const service of services) {
          if (stop.signal.aborted) break;
          try {
            built.push(
              await buildService(
                {
                  service: service.key,
                  build: { ...service.build!, repository: resolve(catalogDir, service.build!.repository) },
                  rules: rulesOf(service),
                  artifact: artifactOf(service),
                },
                {
                  env: environment(),
                  version: program.version() ?? "",
                  allowDirty: options.allowDirty ?? false,
                  cache: cacheDir(),
                  signal: stop.signal,
                  say,
                },
              ),
            );
          } catch (error) {
            if (!(error instanceof SitefleetError)) throw error;
            failed.push({ service: service.key, error });
            say(`${forPeople.red("error:")} ${describeError(error)}`);
          }
        }
      } finally {
        listening();
      }
      const removed = stop.signal.aborted
        ? []
        : await prune({
            artifacts: catalog.services.map(artifactOf),
            days: options.keepDays ?? KEEP_DAYS,
            now: new Date(),
          });
      const ok = failed.length === 0 && built.length === services.length;
      if (json) printJson({ ok, built, failed, removed });
      else for (const result of built) print(line(result));
      if (removed.length > 0)
        say(`removed ${plural(removed.length, "build")} older than ${options.keepDays ?? KEEP_DAYS} days`);
      if (!ok) process.exitCode = stop.signal.aborted ? 130 : 1;
    });
}

function chosen(catalog: Catalog, options: Options): Service[] {
  const wanted = options.service ?? [];
  if (options.all ? wanted.length > 0 : wanted.length === 0) {
    throw new SitefleetError({
      code: "build.which",
      message: options.all ? "--all and --service exclude each other" : "no service is named",
      hint: "name services with --service, or build all that declare how with --all",
    });
  }
  const declared = catalog.services.filter(({ build }) => build !== undefined);
  if (options.all) {
    if (declared.length > 0) return declared;
    throw undeclared("no service declares a build");
  }
  return [...new Set(wanted)].map((key) => {
    const service = catalog.services.find((candidate) => candidate.key === key);
    if (service === undefined) {
      throw new SitefleetError({
        code: "build.unknown-service",
        subject: key,
        message: "the catalog has no such service",
        hint: `one of ${catalog.services.map((candidate) => candidate.key).join(", ")}`,
      });
    }
    if (service.build === undefined) throw undeclared("it declares no build", key);
    return service;
  });
}

function undeclared(message: string, subject?: string): SitefleetError {
  return new SitefleetError({
    code: "build.undeclared",
    message,
    ...(subject === undefined ? {} : { subject }),
    hint: "add `build` to the service in services.yaml; docs/guides/build-an-artifact.md says how",
  });
}

/** Where package managers keep what they fetched, between builds. */
function cacheDir(): string {
  const base = environment().XDG_CACHE_HOME ?? "";
  return join(base.startsWith("/") ? base : join(homedir(), ".cache"), "sitefleet", "build");
}

function line({ service, release, files, archive, commit, dirty, components, seconds }: BuildResult): string {
  const source = commit === null ? "no commit" : `${commit.slice(0, 12)}${dirty ? " and more" : ""}`;
  return (
    `${service} ${release.slice(0, 12)}: ${plural(files, "file")}, ${Math.ceil(archive.bytes / 1024)} KiB packed, ` +
    `${plural(components, "package")} in the SBOM, from ${source}, ${seconds} s`
  );
}
