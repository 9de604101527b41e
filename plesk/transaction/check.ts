import { type Code, SitefleetError } from "../../errors/index.ts";
import type { Artifact } from "../artifact/index.ts";
import { envProblem } from "../env-file.ts";
import { EXIT } from "../exit-codes.ts";
import type { DeployDocument } from "../input.ts";
import { programsOf } from "../kinds/step.ts";
import { type Unfit, unfit } from "../remote/probe.ts";
import { TRANSPORT_PROGRAMS } from "../transport/index.ts";
import type { Changes } from "./changes.ts";
import type { Run } from "./context.ts";
import { tooManyDeletions } from "./guards.ts";
import type { Inspection } from "./inspection.ts";
import { otherDatabase } from "./other-database.ts";
import { migrationsOf, stepsOf } from "./service-steps.ts";
import { databasePrograms } from "./snapshot.ts";
import { obstaclesOf } from "./standing.ts";

/** A reason not to deploy, without its stack: what `plan` lists and `deploy` throws. */
function refusal(
  run: Run,
  code: Code,
  message: string,
  hint: string,
  exitCode: number = EXIT.refused,
  details: readonly string[] = [],
): SitefleetError {
  return new SitefleetError({ code, subject: run.document.service.key, message, hint, exitCode, details });
}

/** All paths of an artifact. */
export function pathsOf(artifact: Artifact): ReadonlySet<string> {
  return new Set(artifact.entries.map(({ path }) => path));
}

/** What the host lacks for this deployment. Pure. */
function unfitFor(run: Run<DeployDocument>, inspection: Inspection, artifact: Artifact): Unfit[] {
  const paths = pathsOf(artifact);
  const { service, database } = run.document;
  const programs = {
    ...TRANSPORT_PROGRAMS,
    ...programsOf(stepsOf(service), paths),
    ...(migrationsOf(service, paths).length > 0 ? databasePrograms(database) : {}),
  };
  return unfit(run.document.host.profile, inspection.probe, { programs, bytes: artifact.bytes });
}

/**
 * Everything that stops a deployment before anything is changed; empty when nothing does.
 *
 * @param look Compares with what is served now, which reads on the host where the document root is of another making; not asked
 * when something else stops it already.
 */
export async function refusals(
  run: Run<DeployDocument>,
  inspection: Inspection,
  artifact: Artifact,
  look: () => Promise<Changes>,
): Promise<SitefleetError[]> {
  const { allow, service } = run.document;
  const found: SitefleetError[] = [];
  for (const { message, hint } of obstaclesOf(inspection, run.layout)) {
    found.push(refusal(run, "plesk.unfit", message, hint, EXIT.unfit));
  }
  found.push(...unwritable(run));
  const stays = inspection.live === artifact.digest && inspection.docroot !== "dir";
  if (!allow.includes("protected-path")) found.push(...outOfSight(run, inspection, stays));
  // With another database the same release is made live once more: what it needs for that is asked as for any other.
  if (stays && otherDatabase(run.document, inspection) === undefined) return found;
  for (const { what, reason, wayOut } of unfitFor(run, inspection, artifact)) {
    found.push(refusal(run, "plesk.unfit", `the host lacks ${what}: ${reason}`, wayOut, EXIT.unfit));
  }
  const release = inspection.releases.find(({ id }) => id === artifact.digest);
  if (release?.bad && !allow.includes("bad-release")) {
    const hint = "deploy another content, or lift the safeguard `bad-release` for this release";
    found.push(
      refusal(
        run,
        "plesk.bad-release",
        `release ${artifact.digest.slice(0, 12)} failed before and was taken back`,
        hint,
      ),
    );
  }
  if (
    migrationsOf(service, pathsOf(artifact)).length > 0 &&
    run.document.database === undefined &&
    !allow.includes("no-snapshot")
  ) {
    const hint = "give the document its `database`, or lift the safeguard `no-snapshot` for this release";
    found.push(
      refusal(run, "plesk.no-snapshot", "the service migrates a database of which no snapshot can be taken", hint),
    );
  }
  if (found.length === 0) found.push(...lossy(run, await look()));
  return found;
}

/** Variables that readers of `.env` would read differently. */
function unwritable(run: Run<DeployDocument>): SitefleetError[] {
  const problems = Object.entries(run.document.env ?? {}).flatMap(([name, value]) => {
    const problem = envProblem(value);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
  if (problems.length === 0) return [];
  const message = "values that not all readers read the same cannot be written to .env";
  const hint = "give it another value, e.g. encoded (base64, hex, percent signs) and decoded by the application";
  return [refusal(run, "plesk.env", message, hint, EXIT.refused, problems)];
}

/** Names of a list for people: the first five, the others counted. */
function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map((path) => JSON.stringify(path));
  return `${shown.join(", ")}${paths.length > shown.length ? ` and ${paths.length - shown.length} more` : ""}`;
}

/**
 * Data that would no longer be served: what is in `shared/` and no longer declared, and of two files of one name the one that gives way.
 *
 * @param stays The live release stays live: then only what it serves now can go out of sight.
 */
function outOfSight(run: Run<DeployDocument>, { undeclared, clashes }: Inspection, stays: boolean): SitefleetError[] {
  const found: SitefleetError[] = [];
  const gone = undeclared.filter(({ linked }) => linked || !stays).map(({ path }) => path);
  if (gone.length > 0) {
    const message = `shared/${gone.slice(0, 5).join(", shared/")}${gone.length > 5 ? ` and ${gone.length - 5} more` : ""} holds data and is no longer declared as shared`;
    const hint = "declare it (`shared`), or lift the safeguard `protected-path` for this release";
    found.push(refusal(run, "plesk.protected-path", message, hint));
  }
  if (clashes.length > 0) {
    const message = `${some(clashes)} is declared as shared, and both what is served and shared/ have a file of that name`;
    const hint =
      "keep one of the two on the host, or lift the safeguard `protected-path` for this release: what is in shared/ is then served, the other one stays on the host";
    found.push(refusal(run, "plesk.protected-path", message, hint));
  }
  return found;
}

function lossy(run: Run<DeployDocument>, { changes, before, lost, offers }: Changes): SitefleetError[] {
  const { allow } = run.document;
  const found: SitefleetError[] = [];
  if (lost.length > 0 && !allow.includes("protected-path")) {
    const message = `${some(lost)} is declared to stay (\`exclude\`) and would no longer be served`;
    const hint =
      "declare it as `shared`, so that it is moved there, or lift the safeguard `protected-path` for this release";
    found.push(refusal(run, "plesk.protected-path", message, hint));
  }
  const reason = allow.includes("delete-share") ? undefined : tooManyDeletions(changes, before);
  const keep = offers.length === 0 ? "" : "; what was written on the host stays when it is declared as `shared`";
  const hint = `look at \`plan\`; lift the safeguard \`delete-share\` for this release when it is meant${keep}`;
  if (reason !== undefined) found.push(refusal(run, "plesk.delete-share", reason, hint));
  return found;
}
