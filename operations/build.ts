import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { type Catalog, loadCatalog, type Service } from "../model/index.ts";
import { type BuildResult, buildService, prune } from "../plesk/builder/index.ts";
import { rulesOf } from "../stacks/artifacts.ts";
import { owned } from "./kit/events.ts";
import { failureOf, failureSchema } from "./kit/failure.ts";
import { wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation, type Tools } from "./kit/operation.ts";
import { VERSION } from "./kit/version.ts";

/** Days that built artifacts are kept when nothing else is said: time enough to go back to one. */
const KEEP_DAYS = 30;

/** What a build of services came to. */
export interface Built {
  /** Every service was built. */
  readonly ok: boolean;
  readonly built: readonly BuildResult[];
  readonly failed: readonly { readonly service: string; readonly error: SitefleetError }[];
  /** Directories of older builds that were removed. */
  readonly removed: readonly string[];
  /** How long builds are kept, days. */
  readonly keepDays: number;
}

const count = z.int().min(0);
const seconds = z.number();

const input = z.object({
  service: flag(z.array(z.string()).optional(), "--service <key>", "this service; may be given several times"),
  all: flag(z.boolean().optional(), "--all", "every service that declares a build"),
  out: flag(
    z.string().optional(),
    "--out <dir>",
    "put them into this directory, by key (default: where services.yaml says, `artifact`)",
  ),
  keepDays: flag(
    z.int().min(1).optional(),
    "--keep-days <n>",
    `days that built archives are kept (default: ${KEEP_DAYS})`,
    wholeNumber("--keep-days"),
  ),
  allowDirty: flag(
    z.boolean().optional(),
    "--allow-dirty",
    "also build changes that are in no commit; the provenance says so",
  ),
});
type Input = z.output<typeof input>;

const events = z.discriminatedUnion("event", [
  z.object({ event: z.literal("begun"), total: count.describe("services") }),
  z.object({ event: z.literal("line"), text: z.string().describe("what begins, in words") }),
  z.object({ event: z.literal("failed"), service: z.string(), error: owned<SitefleetError>(failureSchema) }),
  z.object({ event: z.literal("done") }),
]);
/** What a build tells while it goes on. */
export type BuildEvent = z.infer<typeof events>;

/** Makes artifacts of services by their declared builds. */
export const build = defineOperation({
  name: "build",
  summary:
    "build services' artifacts: run the declared steps, pack a reproducible archive, write manifest, SBOM and provenance",
  changes: true,
  input,
  events,
  output: z.object({
    ok: z.boolean().describe("every service was built"),
    built: owned<readonly BuildResult[]>(
      z.array(
        z.object({
          service: z.string(),
          release: z.string().describe("the content digest by which the artifact is deployed"),
          artifact: z.string().describe("directory of the artifact"),
          kept: z.string().describe("directory with its archive, manifest, SBOM and provenance"),
          commit: z.string().nullable().describe("null when the source is in no repository"),
          dirty: z.boolean().describe("with changes that are in no commit"),
          files: count,
          bytes: count,
          archive: z.object({ bytes: count, sha256: z.string() }),
          components: count.describe("packages in the SBOM"),
          steps: z.array(z.object({ name: z.string(), seconds })),
          seconds,
        }),
      ),
    ),
    failed: z.array(z.object({ service: z.string(), error: failureSchema })),
    removed: z.array(z.string()).describe("directories of older builds that were removed"),
  }),
  async run(options, tools): Promise<Built> {
    const { catalogDir } = tools.estate;
    const catalog = loadCatalog(catalogDir);
    const services = chosen(catalog, options);
    const keepDays = options.keepDays ?? KEEP_DAYS;
    const artifactOf = (service: Service): string =>
      options.out === undefined ? resolve(catalogDir, service.artifact) : join(resolve(options.out), service.key);
    const { built, failed } = await buildEach(services, artifactOf, options, tools);
    const removed = tools.signal.aborted
      ? []
      : await prune({ artifacts: catalog.services.map(artifactOf), days: keepDays, now: new Date() });
    return { ok: failed.length === 0 && built.length === services.length, built, failed, removed, keepDays };
  },
  document: ({ ok, built, failed, removed }) => ({
    ok,
    built,
    failed: failed.map(({ service, error }) => ({ service, error: failureOf(error) })),
    removed: [...removed],
  }),
  exitCode: ({ ok }) => (ok ? 0 : 1),
});

/** One after the other; one that fails does not stop the others. */
async function buildEach(
  services: readonly Service[],
  artifactOf: (service: Service) => string,
  { allowDirty = false }: Input,
  { estate: { catalogDir }, emit, signal }: Tools<BuildEvent>,
): Promise<Pick<Built, "built" | "failed">> {
  const built: BuildResult[] = [];
  const failed: { service: string; error: SitefleetError }[] = [];
  const options = {
    env: environment(),
    version: VERSION,
    allowDirty,
    cache: cacheDir(),
    signal,
    say: (text: string) => emit({ event: "line", text }),
  };
  emit({ event: "begun", total: services.length });
  try {
    for (const service of services) {
      if (signal.aborted) break;
      const declared = { ...service.build!, repository: resolve(catalogDir, service.build!.repository) };
      const artifact = artifactOf(service);
      try {
        built.push(
          await buildService({ service: service.key, build: declared, rules: rulesOf(service), artifact }, options),
        );
      } catch (error) {
        if (!(error instanceof SitefleetError)) throw error;
        failed.push({ service: service.key, error });
        emit({ event: "failed", service: service.key, error });
      }
    }
  } finally {
    emit({ event: "done" });
  }
  return { built, failed };
}

/** @throws SitefleetError `build.which`, `build.undeclared`, `build.unknown-service` */
function chosen(catalog: Catalog, options: Input): Service[] {
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
    subject,
    hint: "add `build` to the service in services.yaml; docs/guides/build-an-artifact.md says how",
  });
}

/** Where package managers keep what they fetched, between builds. */
function cacheDir(): string {
  const base = environment().XDG_CACHE_HOME ?? "";
  return join(base.startsWith("/") ? base : join(homedir(), ".cache"), "sitefleet", "build");
}
