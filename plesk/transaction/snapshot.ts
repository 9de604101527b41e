import { type Code, SitefleetError } from "../../errors/index.ts";
import {
  DIALECTS,
  databaseCheckScript,
  databaseLookScript,
  restoreScript,
  scratchScript,
  snapshotScript,
} from "../commands/database/index.ts";
import { SAY } from "../commands/script.ts";
import { restoreSeconds } from "../database/estimate.ts";
import { missingGrants } from "../database/grants.ts";
import { EXIT } from "../exit-codes.ts";
import type { Database } from "../input.ts";
import type { Said, Session } from "../remote/session.ts";
import type { Run } from "./context.ts";

/** A snapshot that was taken and checked. */
export interface Snapshot {
  readonly name: string;
  /** Bytes of the dump before compression. */
  readonly bytes: number;
  /** It was restored into the scratch database and compared. */
  readonly proven: boolean;
  /** Seconds that restoring it is expected to take. */
  readonly restoreSeconds: number;
}

const facts = (said: Said, word: string): string[] =>
  said.filter((line) => line.startsWith(`${SAY}${word} `)).map((line) => line.slice(SAY.length + word.length + 1));

function failed(
  run: Run,
  code: Code,
  message: string,
  hint: string,
  error: unknown,
  exitCode: number = EXIT.remote,
): SitefleetError {
  const details = error instanceof SitefleetError ? whyOf(error) : [];
  return new SitefleetError({
    code,
    subject: run.document.service.key,
    message,
    hint,
    details,
    exitCode,
    cause: error,
  });
}

/** Does an error come from the script itself rather than from the connection or a time-out? */
const ofScript = (error: unknown): error is SitefleetError =>
  error instanceof SitefleetError && error.code.startsWith("plesk.remote");

/**
 * Checks, before anything is changed, that the database answers and that its user may do what a snapshot and a restore need.
 *
 * @throws SitefleetError `plesk.database` when it does not answer, `plesk.database.grants` with what is missing,
 * `plesk.database.reach` with what cannot be snapshotted or proven.
 */
export async function checkDatabase(run: Run, session: Session, database: Database): Promise<void> {
  await askDatabase(run, session, database, databaseCheckScript);
}

/**
 * The same for a plan, without a lock.
 *
 * @param query Statement that lists the migrations that it has had. @default they are not asked for
 * @returns about how many bytes a dump will have, and the names of those migrations
 */
export async function lookAtDatabase(
  run: Run,
  session: Session,
  database: Database,
  query?: string,
): Promise<{ readonly bytes: number; readonly applied: readonly string[] }> {
  const said = await askDatabase(run, session, database, (...args) => databaseLookScript(...args, query));
  return { bytes: Number(facts(said, "size")[0]) || 0, applied: facts(said, "applied") };
}

async function askDatabase(
  run: Run,
  session: Session,
  database: Database,
  question: typeof databaseCheckScript,
): Promise<Said> {
  const { engine, name, user } = database;
  let said: Said;
  try {
    const script = question(run.layout, run.token, engine, database);
    said = await run.steps.step("database check", () => session.run("asking the database", script));
  } catch (error) {
    if (!ofScript(error)) throw error;
    const hint = "check host, port, user and password of the database, and that its client programs are on the host";
    throw failed(run, "plesk.database", `the database ${name} does not answer to ${user}`, hint, error);
  }
  const missing = missingGrants(engine, facts(said, "grant"), name);
  if (missing.length === 0) {
    refuseReach(run, database, said);
    return said;
  }
  throw new SitefleetError({
    code: "plesk.database.grants",
    subject: run.document.service.key,
    message: `${user} may not do on ${name} what a snapshot and its restore need`,
    hint: "grant it all privileges on its own database",
    details: missing,
    exitCode: EXIT.unfit,
  });
}

/** What no snapshot can bring back, and what a proof could touch that is not its own. @throws SitefleetError `plesk.database.reach` */
function refuseReach(run: Run, { name, scratch }: Database, said: Said): void {
  const losses = facts(said, "loss");
  const reach = facts(said, "reach");
  if (losses.length + reach.length === 0) return;
  const lost = losses.length > 0;
  throw new SitefleetError({
    code: "plesk.database.reach",
    subject: run.document.service.key,
    message: lost
      ? `a restore of ${name} would lose what its user cannot make again`
      : `a proof in ${scratch} could act outside of it`,
    hint: lost
      ? "take it out of the database, or deploy without a snapshot (`allow: [no-snapshot]` and no `database`)"
      : "take it away, or do without the proof (`scratch: null`)",
    details: bounded(lost ? losses : reach),
    exitCode: EXIT.unfit,
  });
}

/** What the words of a script that gave up mean, for people. */
const REASONS: Readonly<Record<string, string>> = {
  "dump-truncated": "the dump has no end: its program stopped, or the disk is full",
  "dump-incomplete": "tables of the database are not in the dump",
  "dump-events": "an event of the database cannot be told from its body, or the events changed meanwhile",
  "scratch-is-live": "the scratch database is the database itself",
  "scratch-reaches-out": "the proof could act outside of the scratch database",
  "scratch-differs": "the scratch database does not hold what the database holds",
  "restore-differs": "after the restore the database does not hold what the snapshot holds",
  "snapshot-damaged": "the snapshot has lost its end",
  "no-snapshot": "there is no such snapshot, or it was never finished",
};
/** Characters of one line that are shown, and lines. */
const [LINE, LINES] = [300, 10];

/** The last lines of a text, each cut: a tool may print a whole statement. */
function bounded(lines: readonly string[]): string[] {
  return lines.slice(-LINES).map((line) => (line.length > LINE ? `${line.slice(0, LINE)}…` : line));
}

/** Why a script gave up, then the end of what its programs printed. */
function whyOf(error: SitefleetError): string[] {
  const reason = REASONS[error.code.slice("plesk.remote.".length)];
  return [...(reason === undefined ? [] : [reason]), ...bounded(error.details)];
}

/**
 * Dumps the database and proves the dump.
 *
 * @param before Release that is live, part of the snapshot's name.
 * @throws SitefleetError `plesk.snapshot`
 */
export async function takeSnapshot(run: Run, session: Session, database: Database, before: string): Promise<Snapshot> {
  const { layout, token } = run;
  const { engine, scratch } = database;
  const timeoutMs = run.document.timeouts.database * 1000;
  // Milliseconds: two snapshots within a second are two.
  const name = `${Date.now()}-${before.slice(0, 12) || "none"}`;
  try {
    const script = snapshotScript(layout, token, engine, database, name);
    const said = await run.steps.step("snapshot", () => session.run("the snapshot", script, { timeoutMs }));
    const bytes = Number(facts(said, "snapshot")[0]?.trim().split(/\s+/)[0]);
    if (scratch === null) return { name, bytes, proven: false, restoreSeconds: restoreSeconds(bytes) };
    const start = performance.now();
    const proof = scratchScript(layout, token, engine, database, name, scratch);
    await run.steps.step("prove snapshot", () => session.run("restoring the snapshot for proof", proof, { timeoutMs }));
    return { name, bytes, proven: true, restoreSeconds: restoreSeconds(bytes, (performance.now() - start) / 1000) };
  } catch (error) {
    if (!ofScript(error)) throw error;
    const message = `no snapshot of ${database.name} that can be restored`;
    throw failed(run, "plesk.snapshot", message, "nothing was migrated; mend what the output says", error);
  }
}

/** Makes the database what a snapshot holds. @throws SitefleetError `plesk.restore` */
export async function restoreSnapshot(run: Run, session: Session, database: Database, name: string): Promise<void> {
  const timeoutMs = run.document.timeouts.database * 1000;
  const script = restoreScript(run.layout, run.token, database.engine, database, name);
  try {
    await run.steps.step("restore", () => session.run("restoring the database", script, { timeoutMs }));
  } catch (error) {
    if (!ofScript(error)) throw error;
    const hint = `the snapshot lies in ${run.layout.base}/snapshots`;
    throw failed(run, "plesk.restore", `${database.name} could not be restored from ${name}`, hint, error, EXIT.stuck);
  }
}

/** Programs that the account must have for a database, as in `Needs`. */
export function databasePrograms(database: Database | undefined): Readonly<Record<string, string>> {
  return database === undefined ? {} : DIALECTS[database.engine].programs;
}
