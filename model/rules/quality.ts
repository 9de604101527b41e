import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";
import type { QualityRepository } from "../shape/quality.ts";

/** What a check of a repository needs that only the catalog can name. */
const NEEDS: readonly (readonly [check: string, field: string, has: (one: QualityRepository) => boolean])[] = [
  ["tests", "reports.tests", ({ reports }) => reports.tests.length > 0],
  ["coverage", "reports.coverage", ({ reports }) => reports.coverage !== undefined],
  ["trivy", "reports.trivy", ({ reports }) => reports.trivy !== undefined],
  ["phpstan", "reports.phpstan", ({ reports }) => reports.phpstan !== undefined],
  ["codacy", "github", ({ github }) => github !== undefined],
  ["dependabot", "github", ({ github }) => github !== undefined],
  ["code-scanning", "github", ({ github }) => github !== undefined],
];

/** Repositories have keys of their own and what their checks need; what names a service names one that there is. */
export function qualityRules({ quality, services, servicesComplete }: Draft, report: Report): void {
  if (quality === undefined) return;
  const known = new Set(services?.map(({ value }) => value.key));
  const { value } = quality;
  const service = (key: string, ...path: (string | number)[]) => {
    if (!servicesComplete || known.has(key)) return;
    report(
      "quality.service",
      quality.at(...path),
      `${show(key)} is no service`,
      "the key of a service of services.yaml",
    );
  };
  const keys = new Set<string>();
  for (const [index, repository] of value.repositories.entries()) {
    if (keys.has(repository.key))
      report(
        "quality.repository",
        quality.at("repositories", index, "key"),
        `${show(repository.key)} stands twice`,
        "a key of its own",
      );
    keys.add(repository.key);
    for (const [at, key] of repository.services.entries()) service(key, "repositories", index, "services", at);
    for (const [check, field, has] of NEEDS)
      if (repository.checks.some((one) => one === check) && !has(repository))
        report(
          "quality.repository",
          quality.at("repositories", index, "checks"),
          `${check} needs ${field}`,
          `${field}, or the check left out`,
        );
  }
  for (const [at, key] of value.services.except.entries()) service(key, "services", "except", at);
  for (const part of ["pages", "staging", "logs"] as const)
    for (const key of Object.keys(value.services[part])) service(key, "services", part, key);
  if (value.services.checks.includes("dependencies") && value.osv === undefined)
    report(
      "quality.osv",
      quality.at("services", "checks"),
      "dependencies needs osv",
      "the path of OSV records in `osv`",
    );
}
