import { resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { checksOfService } from "../../fleet/quality/index.ts";
import { type Catalog, loadCatalog, QUALITY_CHECKS, type Quality, type QualityCheck } from "../../model/index.ts";
import type { Subject } from "../../quality/index.ts";
import { NO_ARTIFACT, readArtifacts } from "../../stacks/artifacts.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";

/** One thing that is to be checked. */
export interface Task {
  readonly subject: Subject;
  readonly check: QualityCheck;
  /** Services whose artifacts it says something of. */
  readonly services: readonly string[];
}

/** What is checked, as it was asked for. */
export interface QualityChoice {
  readonly service?: readonly string[] | undefined;
  readonly repository?: readonly string[] | undefined;
  readonly site?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
}

/** A catalog that declares quality checks. */
export interface DeclaredQuality {
  readonly catalog: Catalog;
  readonly quality: Quality;
}

/** @throws SitefleetError `catalog.invalid`, `quality.none` */
export function declaredQuality(catalogDir: string): DeclaredQuality {
  const catalog = loadCatalog(catalogDir);
  const { quality } = catalog;
  if (quality !== undefined) return { catalog, quality };
  throw new SitefleetError({
    code: "quality.none",
    message: "the catalog declares no quality checks",
    subject: resolve(catalogDir, "quality.yaml"),
    hint: "docs/guides/quality.md has one to begin with",
  });
}

/**
 * The checks of a choice: of the repositories and services that are named, else of all. Sites have Lighthouse alone, and only where they
 * are named.
 *
 * @throws SitefleetError `usage`, `service.unknown`, `site.unknown`, `quality.none`
 */
export function tasksFor({ catalog, quality }: DeclaredQuality, choice: QualityChoice): Task[] {
  const { service = [], repository = [], site = [], only = [] } = choice;
  known(
    "service.unknown",
    "service",
    service,
    catalog.services.map(({ key }) => key),
  );
  known(
    "site.unknown",
    "site",
    site,
    catalog.sites.map(({ host }) => host),
  );
  known(
    "usage",
    "repository in quality.yaml",
    repository,
    quality.repositories.map(({ key }) => key),
  );
  known("usage", "check", only, QUALITY_CHECKS);
  const all = service.length + repository.length + site.length === 0;
  const wanted = (check: QualityCheck) => only.length === 0 || only.includes(check);
  const tasks = [
    ...quality.repositories
      .filter(({ key }) => all || repository.includes(key))
      .flatMap(({ key, checks, services }) =>
        checks.map((check): Task => ({ subject: { kind: "repository", key }, check, services })),
      ),
    ...catalog.services
      .filter(({ key }) => all || service.includes(key))
      .flatMap(({ key }) =>
        checksOfService(quality, key).map(
          (check): Task => ({ subject: { kind: "service", key }, check, services: [key] }),
        ),
      ),
    ...site.map((host): Task => ({ subject: { kind: "site", key: host }, check: "lighthouse", services: [] })),
  ].filter(({ check }) => wanted(check));
  if (tasks.length > 0) return tasks;
  throw new SitefleetError({
    code: "quality.none",
    message: "quality.yaml declares none of these checks",
    hint: `checks are ${QUALITY_CHECKS.join(", ")}`,
  });
}

function known(
  code: "usage" | "service.unknown" | "site.unknown",
  what: string,
  wanted: readonly string[],
  names: readonly string[],
): void {
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const some = names.slice(0, 30).join(", ");
  throw new SitefleetError({ code, message: `there is no such ${what}`, subject: missing, hint: `one of ${some}` });
}

/** Digests of the artifacts that the catalog names, by service; of what cannot be read there is none. */
export async function artifactDigests(catalog: Catalog, keys: readonly string[]): Promise<Map<string, string>> {
  const chosen = { ...catalog, services: catalog.services.filter(({ key }) => keys.includes(key)) };
  const found = await readArtifacts(chosen, PROJECT_ROOT);
  return new Map([...found].flatMap(([key, { digest }]) => (digest === NO_ARTIFACT ? [] : [[key, digest]])));
}
