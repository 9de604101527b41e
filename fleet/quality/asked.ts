import type { Catalog, Quality, QualityCheck } from "../../model/index.ts";
import type { QualityResult, Subject } from "../../quality/index.ts";

/** What must be green for a service's artifact. */
export interface AskedCheck {
  readonly service: string;
  readonly subject: Subject;
  readonly check: QualityCheck;
}

/** How a check stands for an artifact. */
export interface StandingCheck extends AskedCheck {
  readonly state: "pass" | "fail" | "not-run";
  /** The figures, or why nothing is known. */
  readonly result?: QualityResult | undefined;
  readonly reason?: string | undefined;
}

/** Checks that visit pages. */
const PAGES: readonly QualityCheck[] = ["lighthouse", "axe", "consent", "privacy-policy"];

/** Checks of a service: none where it is left out. Pure. */
export const checksOfService = ({ services }: Quality, key: string): readonly QualityCheck[] =>
  services.except.includes(key) ? [] : services.checks;

/** What must have passed before services are deployed. Pure. */
export function askedChecks(quality: Quality, services: readonly string[]): AskedCheck[] {
  const { before, repositories } = quality;
  return services.flatMap((service) => {
    const staged = quality.services.staging[service] !== undefined;
    const ofRepositories = repositories
      .filter((one) => one.services.includes(service))
      .flatMap(({ key, checks }) =>
        checks.map((check): AskedCheck => ({ service, subject: { kind: "repository", key }, check })),
      )
      .filter(({ check }) => before?.includes(check) ?? true);
    const own = checksOfService(quality, service)
      .filter((check) => before?.includes(check) ?? (check === "dependencies" || (staged && PAGES.includes(check))))
      .map((check): AskedCheck => ({ service, subject: { kind: "service", key: service }, check }));
    return [...ofRepositories, ...own];
  });
}

/** Must anything have passed before one of a catalog's services is deployed? Pure. */
export const asksBefore = ({ quality, services }: Pick<Catalog, "quality" | "services">): boolean =>
  quality !== undefined &&
  askedChecks(
    quality,
    services.map(({ key }) => key),
  ).length > 0;

/** The newest result of a check. Pure. */
export const newestOf = (results: readonly QualityResult[], check: QualityCheck): QualityResult | undefined =>
  results.findLast((one) => one.check === check);

/**
 * How a check stands for an artifact: what was proven must be what is deployed, and not too long ago.
 *
 * @param results of its subject @param digest of the artifact that would be deployed @param resultDays of quality.yaml Pure.
 */
export function standing(
  asked: AskedCheck,
  results: readonly QualityResult[],
  digest: string | undefined,
  { resultDays, now }: { readonly resultDays: number; readonly now: number },
): StandingCheck {
  const unknown = (reason: string): StandingCheck => ({ ...asked, state: "not-run", reason });
  if (digest === undefined) return unknown("its artifact cannot be read");
  const result = newestOf(
    results.filter((one) => one.artifacts[asked.service] === digest),
    asked.check,
  );
  if (result === undefined) {
    const other = newestOf(results, asked.check);
    return unknown(other === undefined ? "it never ran" : "it ran for another artifact");
  }
  const days = Math.floor((now - Date.parse(result.at)) / 86_400_000);
  if (!(days <= resultDays)) return unknown(`it ran ${days} days ago; at most ${resultDays} count`);
  return { ...asked, state: result.state, result, reason: result.reason };
}
