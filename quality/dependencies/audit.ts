import { z } from "zod";
import { judged, most } from "../judge.ts";
import { jsonOf, Unusable } from "../source/read.ts";
import type { Finding, Judged } from "../types.ts";
import { affects, isHigh, type OsvRecord } from "./osv.ts";

const sbomSchema = z.object({
  bomFormat: z.literal("CycloneDX"),
  components: z.array(z.looseObject({ purl: z.string().optional() })).optional(),
});

/** Ecosystems of OSV by the type of a package address. https://ossf.github.io/osv-schema/#defined-ecosystems */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  npm: "npm",
  composer: "Packagist",
  pypi: "PyPI",
  gem: "RubyGems",
  golang: "Go",
  cargo: "crates.io",
  maven: "Maven",
  nuget: "NuGet",
};

/** How an audit judges. */
export interface AuditOptions {
  readonly limit: number;
  /** The newest record may be so old, days. */
  readonly osvDays: number;
  readonly now: number;
}

/**
 * Holds an SBOM against records of OSV.
 *
 * @throws Unusable where either says nothing, or the records are too old
 * Pure.
 */
export function audit(sbom: string, records: readonly OsvRecord[], { limit, osvDays, now }: AuditOptions): Judged {
  const parsed = sbomSchema.safeParse(jsonOf(sbom, "the SBOM"));
  if (!parsed.success) throw new Unusable("the SBOM is no CycloneDX document");
  const newest = Math.max(...records.map(({ modified }) => Date.parse(modified)).filter(Number.isFinite));
  const days = Math.floor((now - newest) / 86_400_000);
  if (!Number.isFinite(newest) || days > osvDays)
    throw new Unusable(
      `the newest of the OSV records is ${Number.isFinite(days) ? days : "so many"} days old; at most ${osvDays} count`,
    );
  const names = Map.groupBy(
    records.flatMap((record) =>
      (record.affected ?? []).map((one) => ({ record, key: (one.package?.name ?? "").toLowerCase() })),
    ),
    ({ key }) => key.replace(/[-_.]+/g, "-"),
  );
  const findings: Finding[] = [];
  let [looked, high] = [0, 0];
  for (const { purl } of parsed.data.components ?? []) {
    const component = purl === undefined ? undefined : componentOf(purl);
    if (component === undefined) continue;
    looked++;
    const { ecosystem, name, version } = component;
    const near = names.get(name.toLowerCase().replace(/[-_.]+/g, "-")) ?? [];
    for (const record of new Set(near.map((one) => one.record))) {
      if (!affects(record, ecosystem, name, version)) continue;
      const grave = isHigh(record);
      if (grave) high++;
      findings.push({
        rule: record.id,
        level: grave ? "error" : "warning",
        message: `${name} ${version}: ${record.summary ?? record.id}`,
      });
    }
  }
  findings.sort((a, b) => Number(a.level !== "error") - Number(b.level !== "error"));
  return judged(
    [
      most("high or critical", high, limit),
      { name: "others", value: findings.length - high },
      { name: "components", value: looked },
    ],
    findings,
  );
}

/** What a package address names: https://github.com/package-url/purl-spec. Pure. */
function componentOf(
  purl: string,
): { readonly ecosystem: string; readonly name: string; readonly version: string } | undefined {
  const match = /^pkg:([a-z]+)\/([^?#]+)@([^?#]+)/.exec(purl);
  const ecosystem = ECOSYSTEMS[match?.[1] ?? ""];
  if (match === null || ecosystem === undefined) return undefined;
  try {
    const [name, version] = [decodeURIComponent(match[2] ?? ""), decodeURIComponent(match[3] ?? "")];
    return { ecosystem, name: ecosystem === "Maven" ? name.replace("/", ":") : name, version };
  } catch {
    return undefined;
  }
}
