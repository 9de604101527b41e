import { FRAMEWORKS } from "../../model/index.ts";

/**
 * Slugs that `https://api-frameworks.zeit.sh/` lists. The catalog has the one list; `sanity-v3` is known here too, since
 * projects that have it keep it.
 */
const SLUGS = [...FRAMEWORKS, "sanity-v3"] as const;

const KNOWN: ReadonlySet<string> = new Set(SLUGS);

/** Regions with the capability that the provider looks for; ids from vercel.com/docs/edge-network/regions. */
const REGIONS = [
  "arn1",
  "bom1",
  "cdg1",
  "cle1",
  "cpt1",
  "dub1",
  "dxb1",
  "fra1",
  "gru1",
  "hkg1",
  "hnd1",
  "iad1",
  "icn1",
  "kix1",
  "lhr1",
  "pdx1",
  "sfo1",
  "sin1",
  "syd1",
  "yul1",
] as const;

/** True for a framework that Vercel knows. */
export function isFramework(slug: string): boolean {
  return KNOWN.has(slug);
}

/** What `https://api-frameworks.zeit.sh/` answers. */
export function frameworkList(): { name: string; slug: string }[] {
  return SLUGS.map((slug) => ({ name: slug, slug }));
}

/** What `https://dcs.vercel-infra.com` answers. */
export function regionList(): Record<string, { caps: string[] }> {
  return Object.fromEntries(REGIONS.map((id) => [id, { caps: ["V2_DEPLOYMENT_CREATE"] }]));
}
