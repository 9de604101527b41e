import { writtenScript } from "../commands/database/written.ts";
import { SAY } from "../commands/script.ts";
import type { Target } from "../input.ts";
import { type RunOptions, startRun } from "../transaction/context.ts";
import { snapshotOf } from "../transaction/standing.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";
import { inspect } from "./status.ts";

/** What was written into a database since the snapshot that a rollback would restore. */
export interface Written {
  /** Its name; null when there is none, and so nothing to compare with. */
  readonly snapshot: string | null;
  /** When it was taken, ISO 8601. */
  readonly at: string | null;
  /** Rows that only the database has, and that only the snapshot has; one that was changed counts as both. */
  readonly tables: readonly { readonly table: string; readonly written: number; readonly gone: number }[];
}

/** Compares databases with the snapshots that a rollback would restore. Reads only. */
export function written(
  targets: readonly Target[],
  options: RunOptions & ManyOptions = {},
): Promise<Outcome<Written & { readonly service: string }>[]> {
  return forServices(
    targets,
    async (target, session) => {
      const run = startRun(target, options);
      const service = target.service.key;
      const inspection = await inspect(run, session);
      const name = inspection.previous === undefined ? undefined : snapshotOf(inspection, inspection.previous);
      const { database } = target;
      if (database === undefined || name === undefined) return { service, snapshot: null, at: null, tables: [] };
      const script = writtenScript(run.layout, run.token, database.engine, database, name);
      const timeoutMs = target.timeouts.database * 1000;
      const said = await session.run("comparing the database with its snapshot", script, { timeoutMs });
      return {
        service,
        snapshot: name,
        at: new Date(Number(name.split("-")[0])).toISOString(),
        tables: tablesOf(said),
      };
    },
    options,
  );
}

/** Reads what {@link writtenScript} says. Pure. */
function tablesOf(said: readonly string[]): Written["tables"] {
  const tables = new Map<string, { written: number; gone: number }>();
  for (const line of said) {
    const [, word, table = "", rows] =
      /^(written|gone) (.*) (\d+)$/.exec(line.startsWith(SAY) ? line.slice(SAY.length) : "") ?? [];
    if (word !== "written" && word !== "gone") continue;
    const of = tables.get(table) ?? { written: 0, gone: 0 };
    of[word] = Number(rows);
    tables.set(table, of);
  }
  return [...tables].map(([table, of]) => ({ table, ...of }));
}
