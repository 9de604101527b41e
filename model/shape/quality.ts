import { z } from "zod";
import { Repository, text, Words } from "./values.ts";

/** Checks of a repository's working copy, its reports, or what a vendor says of it. */
const REPOSITORY_CHECKS = [
  "gitleaks",
  "jscpd",
  "eslint",
  "tests",
  "coverage",
  "trivy",
  "phpstan",
  "codacy",
  "dependabot",
  "code-scanning",
] as const;
/** Checks of a service: of its artifact, its logs, or what it serves. */
const SERVICE_CHECKS = ["dependencies", "personal-data", "lighthouse", "axe", "consent", "privacy-policy"] as const;
/** Every check. */
export const QUALITY_CHECKS = [...REPOSITORY_CHECKS, ...SERVICE_CHECKS] as const;

const Key = text(/^[a-z][a-z0-9_-]{0,39}$/, "lower case letters, digits, hyphens and underscores, a letter first");
const ServiceKey = text(/^[a-z][a-z0-9_]{0,30}$/, "the key of a service");
const Path = text(/^[^\p{Cc}]{1,500}$/u, "a path");
const PagePath = text(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,500}$/, 'a path from "/" without spaces');
const Pattern = text(/^[A-Za-z0-9_.*:@/-]{1,200}$/, "a name; * stands for any characters");
const Origin = text(
  /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/,
  "an address such as https://stg.example.at, without a path",
);
const Day = text(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD, in quotes").refine(
  (day) => !Number.isNaN(Date.parse(`${day}T00:00:00Z`)),
  { error: "a day that exists, as YYYY-MM-DD" },
);

const most = (value: number, description: string) => z.int().min(0).default(value).meta({ description });
const score = (value: number) => z.number().min(0).max(100).default(value);

const Thresholds = z.strictObject({
  gitleaks: z.strictObject({ findings: most(0, "Secrets that may be found.") }).prefault({}),
  jscpd: z
    .strictObject({
      percent: z.number().min(0).max(100).default(2).meta({ description: "Duplicated lines, percent." }),
    })
    .prefault({}),
  eslint: z.strictObject({ errors: most(0, "Errors that may be found.") }).prefault({}),
  tests: z.strictObject({ failed: most(0, "Tests that may fail.") }).prefault({}),
  coverage: z
    .strictObject({ lines: score(80).meta({ description: "Covered lines, percent, at least." }) })
    .prefault({}),
  trivy: z.strictObject({ high: most(0, "Findings of severity HIGH or CRITICAL.") }).prefault({}),
  phpstan: z
    .strictObject({
      level: z.int().min(0).max(10).default(6).meta({ description: "Level that the analysis must have run at." }),
      errors: most(0, "Errors that may be found."),
    })
    .prefault({}),
  codacy: z.strictObject({ grade: score(85).meta({ description: "Grade of 100, at least." }) }).prefault({}),
  dependabot: z.strictObject({ high: most(0, "Open alerts of severity high or critical.") }).prefault({}),
  "code-scanning": z
    .strictObject({ high: most(0, "Open alerts of severity high or critical, or errors.") })
    .prefault({}),
  dependencies: z.strictObject({ high: most(0, "Advisories of severity high or critical.") }).prefault({}),
  lighthouse: z
    .strictObject({ performance: score(90), accessibility: score(90), bestPractices: score(95), seo: score(90) })
    .prefault({})
    .meta({ description: "Scores of 100, at least." }),
  axe: z.strictObject({ violations: most(0, "Violated rules of WCAG 2.2 A and AA.") }).prefault({}),
  "personal-data": z.strictObject({ findings: most(0, "Lines of logs with personal data.") }).prefault({}),
});

const RepositoryShape = z.strictObject({
  key: Key.meta({ description: "Short name.", examples: ["platform"] }),
  path: Path.meta({ description: "Working copy, relative to the catalog.", examples: [".."] }),
  github: Repository.optional().meta({ description: "owner/name, for alerts and Codacy." }),
  services: z.array(ServiceKey).default([]).meta({ description: "Services whose artifacts are built from it." }),
  checks: z.array(z.enum(REPOSITORY_CHECKS)).min(1).meta({ description: "What must be green." }),
  reports: z
    .strictObject({
      tests: z.array(Path).default([]).meta({ description: "JUnit files." }),
      coverage: Path.optional().meta({ description: "lcov, Clover or Cobertura." }),
      trivy: Path.optional().meta({ description: "trivy --format json." }),
      phpstan: Path.optional().meta({ description: "phpstan --error-format=json." }),
      phpstanConfig: Path.default("phpstan.neon").meta({ description: "Configuration that names the level." }),
    })
    .prefault({})
    .meta({ description: "Reports that tools have left, relative to the working copy." }),
});

/** quality.yaml. */
export const QualityFile = z.strictObject({
  repositories: z.array(RepositoryShape).max(100).default([]).meta({ description: "Repositories that are checked." }),
  services: z
    .strictObject({
      checks: z.array(z.enum(SERVICE_CHECKS)).default([]).meta({ description: "Checks of every service." }),
      except: z.array(ServiceKey).default([]).meta({ description: "Services that none of them are of." }),
      pages: z.record(ServiceKey, z.array(PagePath).min(1).max(50)).default({}).meta({
        description: "Pages of a service that axe and the privacy policy are checked on. Default: /.",
      }),
      staging: z.record(ServiceKey, Origin).default({}).meta({
        description: "Where a service's next artifact is served before it is deployed.",
      }),
      logs: z.record(ServiceKey, z.array(Path).min(1).max(20)).default({}).meta({
        description: "Log files on a service's host: absolute, or relative to its directory for shared data.",
      }),
    })
    .prefault({})
    .meta({ description: "What is checked of services." }),
  before: z.array(z.enum(QUALITY_CHECKS)).optional().meta({
    description:
      "Checks that must have passed for an artifact before it is deployed. Default: those of its repositories, `dependencies`, and with `staging` those of pages.",
  }),
  after: z
    .strictObject({
      lighthouse: z.enum(["off", "report", "take-back"]).default("report").meta({
        description:
          "Lighthouse of the services that `plesk deploy` has changed: left out, told and kept in the issue, or a miss takes the release back.",
      }),
    })
    .prefault({})
    .meta({ description: "What is measured right after a deployment." }),
  sites: z
    .strictObject({ sample: z.int().min(0).max(200).default(10).meta({ description: "Sites a run of Lighthouse." }) })
    .prefault({})
    .meta({ description: "Lighthouse of sites: those that were measured longest ago." }),
  thresholds: Thresholds.prefault({}).meta({ description: "What must be reached." }),
  consent: z
    .strictObject({
      accept: z
        .array(Words)
        .min(1)
        .default(["Alle akzeptieren", "Akzeptieren", "Zustimmen", "Einverstanden", "Accept all", "Accept", "Agree"])
        .meta({ description: "Texts of the button that says yes." }),
      cookies: z.array(Pattern).default([]).meta({ description: "Cookies that need no consent." }),
      storage: z.array(Pattern).default([]).meta({ description: "Keys of storage that need no consent." }),
      hosts: z.array(Pattern).default([]).meta({ description: "Other hosts that may be asked without consent." }),
    })
    .prefault({})
    .meta({ description: "Of the consent banner." }),
  privacyPolicy: z
    .strictObject({
      link: z
        .array(Words)
        .min(1)
        .default(["Datenschutz", "Privacy"])
        .meta({ description: "Words in the text or address of the link." }),
      notBefore: Day.optional().meta({ description: "The policy must have a date of this day or later." }),
      names: z
        .array(Words)
        .default(["Verantwortlich", "Rechtsgrundlage", "Auskunft", "Widerruf", "Beschwerde"])
        .meta({ description: "What its text must name." }),
    })
    .prefault({})
    .meta({ description: "Of the privacy policy." }),
  osv: Path.optional().meta({
    description: "OSV records: a file of one JSON array or one record a line, or a directory; relative to the catalog.",
  }),
  tools: z
    .strictObject({
      gitleaks: Path.optional(),
      jscpd: Path.optional(),
      eslint: Path.optional(),
      lighthouse: Path.optional().meta({ description: "Directory of the npm package." }),
    })
    .prefault({})
    .meta({
      description: "Where tools are, relative to the catalog. Default: found beside the repository, here, or on PATH.",
    }),
  reportHours: z.number().positive().max(8760).default(24).meta({
    description: "A report that is older does not count.",
  }),
  osvDays: z.number().positive().max(365).default(7).meta({
    description: "OSV records of which the newest is older do not count.",
  }),
  resultDays: z.number().positive().max(365).default(30).meta({
    description: "A result that is older does not count.",
  }),
});

/** What quality.yaml says. */
export type Quality = z.output<typeof QualityFile>;
/** Id of a check. */
export type QualityCheck = (typeof QUALITY_CHECKS)[number];
/** See {@link QualityFile}. */
export type QualityRepository = Quality["repositories"][number];
