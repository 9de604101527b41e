import type { Framework } from "../frameworks.ts";
import { SITE_COLUMNS } from "../shape/sites.ts";

/** A row of sites.csv, its columns as written. */
export type SampleRow = Record<(typeof SITE_COLUMNS)[number], string>;

/** Sites of their own in one repository: under Vercel's limit on linked projects, with room to grow. */
const SITES_A_REPOSITORY = 100;
const OWNER = "marketing-funnel-empire";
const FRAMEWORKS: readonly (Framework | "")[] = ["nextjs", "astro", "vite", "sveltekit", "nuxtjs", ""];

/** Apps of one repository, each a project that many sites share. */
const SHARED = [
  ["quiz", "nextjs"],
  ["calculator", "nextjs"],
  ["lead-form", "astro"],
  ["webinar", "nextjs"],
  ["advertorial", "astro"],
  ["comparison", "sveltekit"],
  ["newsletter", "astro"],
  ["thank-you", ""],
] as const;

const TOPICS = [
  "kredit",
  "zins",
  "depot",
  "tagesgeld",
  "festgeld",
  "girokonto",
  "broker",
  "sparplan",
  "rente",
  "vorsorge",
  "haftpflicht",
  "strom",
  "gas",
  "dsl",
  "handy",
  "remote-job",
  "nebenjob",
  "freelance",
  "umfrage",
  "cashback",
  "gutschein",
  "bonus",
  "steuer",
  "immobilie",
  "leasing",
] as const;
const PLACES = [
  "wien",
  "graz",
  "linz",
  "salzburg",
  "innsbruck",
  "klagenfurt",
  "villach",
  "wels",
  "dornbirn",
  "berlin",
  "hamburg",
  "köln",
  "frankfurt",
  "stuttgart",
  "leipzig",
  "dresden",
  "hannover",
  "bremen",
  "zürich",
  "basel",
  "bern",
] as const;

/**
 * A plausible fleet: the first ten rows are canaries, 8 of 11 sites have a project of their own, the rest share eight
 * projects. Deterministic, and the first n rows are the same for every count, so that fleets of different size compare.
 * @param count number of sites
 */
export function sampleSites(count: number): SampleRow[] {
  let own = 0;
  return Array.from({ length: count }, (_, index) => {
    const name = sampleName(index);
    const zone = index % 5 < 3 ? "qmoney.de" : "remotecash.de";
    if (index % 11 < 8 || index < 10) return ownRow(index, own++, name, zone);
    const [app, framework] = SHARED[index % SHARED.length] ?? SHARED[0];
    return {
      name,
      zone,
      project: "shared",
      repository: `${OWNER}/landing-kit`,
      root_directory: `apps/${app}`,
      framework,
      channel: "stable",
      tags: app,
    };
  });
}

/** The same as the text of sites.csv. */
export function sampleCsv(count: number): string {
  const rows = sampleSites(count).map((row) => SITE_COLUMNS.map((column) => row[column]).join(","));
  return [
    "# A plausible sample, not real sites: written by `node model/sample/write.ts`. Columns and rules: docs/reference/catalog.md.",
    SITE_COLUMNS.join(","),
    ...rows,
    "",
  ].join("\n");
}

function ownRow(index: number, own: number, name: string, zone: string): SampleRow {
  const repository = String(Math.floor(own / SITES_A_REPOSITORY) + 1).padStart(2, "0");
  const tags = [index < 10 ? "canary" : "", index % 7 === 0 ? "paid-traffic" : ""].filter((tag) => tag !== "");
  return {
    name,
    zone,
    project: "own",
    repository: `${OWNER}/sites-${repository}`,
    root_directory: `sites/${name.replaceAll("ö", "oe").replaceAll("ü", "ue")}`,
    framework: FRAMEWORKS[index % FRAMEWORKS.length] ?? "",
    channel: index >= 10 && index % 20 === 0 ? "beta" : "stable",
    tags: tags.join(";"),
  };
}

/** Topic and place; from the second round on with a number. */
function sampleName(index: number): string {
  const pairs = TOPICS.length * PLACES.length;
  const round = Math.floor(index / pairs);
  const topic = TOPICS[index % TOPICS.length];
  // Both lists' lengths have no common divisor, so every pair comes once a round.
  const place = PLACES[index % PLACES.length];
  return `${topic}-${place}${round === 0 ? "" : `-${round + 1}`}`;
}
