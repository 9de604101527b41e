import { SitefleetError } from "../../errors/index.ts";
import type { Artifact } from "../artifact/index.ts";
import { EXIT } from "../exit-codes.ts";
import { type Unfit, unfit } from "../host/probe.ts";
import type { DeployDocument } from "../input.ts";
import { programsOf } from "../kinds/step.ts";
import { TRANSPORT_PROGRAMS } from "../transport/index.ts";
import type { Changes } from "./changes.ts";
import type { Run } from "./context.ts";
import { tooManyDeletions } from "./guards.ts";
import type { Inspection } from "./inspection.ts";
import { migrationsOf, stepsOf } from "./service-steps.ts";
import { databasePrograms } from "./snapshot.ts";
import { obstaclesOf } from "./standing.ts";

/** A reason not to deploy, without its stack: what `plan` lists and `deploy` throws. */
export function refusal(
  run: Run,
  code: string,
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
export function unfitFor(run: Run<DeployDocument>, inspection: Inspection, artifact: Artifact): Unfit[] {
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
  if (inspection.live === artifact.digest) return found;
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
  if (!allow.includes("protected-path")) found.push(...unshared(run, inspection));
  if (found.length === 0) found.push(...lossy(run, await look()));
  return found;
}

/** Data of earlier releases that the service no longer declares as shared: it would stay on the host, and out of sight. */
function unshared(run: Run<DeployDocument>, { shared }: Inspection): SitefleetError[] {
  const declared = new Set(run.layout.shared.map(({ path }) => path.split("/")[0]));
  const gone = shared.filter((name) => !declared.has(name));
  if (gone.length === 0) return [];
  const message = `shared/${gone.join(", shared/")} holds data and is no longer declared as shared`;
  const hint = "declare it (`shared`), or lift the safeguard `protected-path` for this release";
  return [refusal(run, "plesk.protected-path", message, hint)];
}

function lossy(run: Run<DeployDocument>, { changes, before, lost }: Changes): SitefleetError[] {
  const { allow } = run.document;
  const found: SitefleetError[] = [];
  if (lost.length > 0 && !allow.includes("protected-path")) {
    const shown = lost.slice(0, 5).map((path) => JSON.stringify(path));
    const more = lost.length > shown.length ? ` and ${lost.length - shown.length} more` : "";
    const message = `${shown.join(", ")}${more} is declared to stay (\`exclude\`) and would no longer be served`;
    const hint =
      "declare it as `shared`, so that it is moved there, or lift the safeguard `protected-path` for this release";
    found.push(refusal(run, "plesk.protected-path", message, hint));
  }
  const reason = allow.includes("delete-share") ? undefined : tooManyDeletions(changes, before);
  const hint = "look at `plan`; lift the safeguard `delete-share` for this release when it is meant";
  if (reason !== undefined) found.push(refusal(run, "plesk.delete-share", reason, hint));
  return found;
}
