import { SitefleetError } from "../../errors/index.ts";
import type { Alert, Alerts } from "../../vendors/alerts.ts";
import { VENDORS } from "../../vendors/index.ts";
import { judged, least, most, notRun } from "../judge.ts";
import type { Finding, Judged, RepositorySubject } from "../types.ts";
import { coverage } from "./coverage.ts";
import { eslint } from "./eslint.ts";
import { gitleaks } from "./gitleaks.ts";
import { jscpd } from "./jscpd.ts";
import { phpstan, trivy } from "./reports.ts";
import { tests } from "./tests.ts";

/** Check of a repository. */
type RepositoryCheck = RepositorySubject["repository"]["checks"][number];

const ADAPTERS: Readonly<Record<RepositoryCheck, (subject: RepositorySubject) => Promise<Judged>>> = {
  gitleaks,
  jscpd,
  eslint,
  tests,
  coverage,
  trivy,
  phpstan,
  codacy: (subject) => asked(() => graded(subject)),
  dependabot: ({ settings, ...subject }) =>
    asked(async () => ofAlerts(await alertsOf(subject, "dependencies"), settings.thresholds.dependabot.high)),
  "code-scanning": ({ settings, ...subject }) =>
    asked(async () => ofAlerts(await alertsOf(subject, "code"), settings.thresholds["code-scanning"].high)),
};

/** One check of a repository. */
export const checkRepository = (check: RepositoryCheck, subject: RepositorySubject): Promise<Judged> =>
  ADAPTERS[check](subject);

/** A vendor that does not answer leaves it unknown. */
async function asked(work: () => Promise<Judged>): Promise<Judged> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SitefleetError && error.code === "quality.unread") return notRun(error.message);
    throw error;
  }
}

function alertsOf(
  { repository: { github = "" }, env, signal }: Pick<RepositorySubject, "repository" | "env" | "signal">,
  what: keyof Alerts,
): Promise<readonly Alert[]> {
  const alerts = VENDORS.find((vendor) => vendor.alerts !== undefined)?.alerts;
  if (alerts === undefined) throw new Error("vendors/index.ts lists no vendor that raises alerts");
  return alerts[what](github, env, signal);
}

const GRAVE = new Set(["critical", "high", "error"]);

/** Judges open alerts: those of severity high and critical, and errors of analyses that give no severity of security. Pure. */
export function ofAlerts(alerts: readonly Alert[], limit: number): Judged {
  const findings = alerts.map(
    ({ severity, message, ...one }): Finding => ({
      ...one,
      level: GRAVE.has(severity) ? "error" : "warning",
      message: `${severity}: ${message}`,
    }),
  );
  const grave = findings.filter(({ level }) => level === "error");
  const others = findings.filter(({ level }) => level !== "error");
  return judged(
    [most("high or critical", grave.length, limit), { name: "others", value: others.length }],
    [...grave, ...others],
  );
}

async function graded({ settings, repository: { github = "" }, env, signal }: RepositorySubject): Promise<Judged> {
  const grades = VENDORS.find((vendor) => vendor.grades !== undefined)?.grades;
  if (grades === undefined) throw new Error("vendors/index.ts lists no vendor that grades code");
  return judged([least("grade", await grades.grade(github, env, signal), settings.thresholds.codacy.grade)]);
}
