import { join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { type PlannedRows, planRows } from "../fleet/adopt/index.ts";
import { writeAtomically } from "../fleet/backend/store/state-dir.ts";
import { formatProblem } from "../model/index.ts";
import { documentOfMatching, seenOf, seenSchema } from "./adopt/documents.ts";
import { matchEstate } from "./adopt/estate.ts";
import { type Pruned, pruned, type Rewritten, writeFiles } from "./adopt/write.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What was written, or would be. */
export interface AdoptWritten {
  readonly rows: PlannedRows;
  readonly files: readonly Rewritten[];
  /** What would be wrong with the catalog then; nothing is written. */
  readonly problems: readonly string[];
  readonly refused: Pruned["refused"];
  readonly written: boolean;
  /** File with what matches, one entry an object. */
  readonly importFile: string;
}

/** Declares what exists. */
export const adoptWrite = defineOperation({
  name: "adopt write",
  summary: "declare what exists: rows, zones, records, channels. Says what it would write; writes with --write.",
  changes: true,
  input: z.object({
    write: flag(z.boolean().optional(), "--write", "write the files; without it nothing is changed"),
    only: flag(
      z.array(z.enum(["sites", "zones", "records"])).optional(),
      "--only <kind>",
      "only sites, zones or records; may be given several times",
    ),
  }),
  events: noEvents,
  output: z.object({
    written: z.boolean(),
    sites: z.array(z.record(z.string(), z.string())).describe("rows of sites.csv"),
    channels: z.array(z.object({ name: z.string(), ref: z.string() })),
    zones: z.array(z.object({ name: z.string(), records: z.int(), wildcard: z.boolean() })),
    records: z.array(z.object({ zone: z.string(), name: z.string(), type: z.string(), content: z.string() })),
    left: z.array(z.object({ found: seenSchema, reason: z.string() })).describe("gets no row, and why not"),
    renamed: z
      .array(z.object({ found: seenSchema, declared: z.string() }))
      .describe("projects that the catalog gives another name: a preview shows it"),
    refused: z
      .array(z.object({ what: z.string(), reason: z.string() }))
      .describe("rows that the catalog does not take as they are, and why"),
    files: z.array(z.object({ file: z.string(), added: z.int() })),
    problems: z.array(z.string()).describe("what would be wrong with the catalog then"),
    importFile: z.string(),
  }),
  async run({ write = false, only }, { estate }): Promise<AdoptWritten> {
    const { session, matching, inventory } = await matchEstate(estate);
    const all = planRows(matching, inventory.seen, session.inputs.catalog);
    const wanted = (kind: "sites" | "zones" | "records") => only === undefined || only.includes(kind);
    const chosen: PlannedRows = {
      ...all,
      sites: wanted("sites") ? all.sites : [],
      channels: wanted("sites") ? all.channels : [],
      zones: wanted("zones") ? all.zones : [],
      records: wanted("records") ? all.records : [],
    };
    const { files, refused, rows, problems: found } = pruned(estate.catalogDir, chosen);
    const problems = found.map(formatProblem);
    const importFile = join(session.folders.state, "adopt", "matched.json");
    if (write && problems.length > 0) {
      throw new SitefleetError({
        code: "catalog.invalid",
        message: `the catalog would have ${problems.length === 1 ? "a problem" : `${problems.length} problems`}; nothing was written`,
        details: problems,
        hint: "leave out what they name with --only, or declare it by hand",
      });
    }
    if (write) {
      writeFiles(estate.catalogDir, files);
      writeAtomically(importFile, JSON.stringify(documentOfMatching(matching, inventory.seen).matched, null, 2));
    }
    return { rows, files, problems, refused, written: write && files.length > 0, importFile };
  },
  document: ({ rows, files, problems, refused, written, importFile }) => ({
    written,
    sites: rows.sites.map((row) => ({ ...row })),
    channels: [...rows.channels],
    zones: rows.zones.map(({ name, records, wildcard }) => ({ name, records: records.length, wildcard })),
    records: rows.records.map(({ zone, record: { name, type, content } }) => ({ zone, name, type, content })),
    left: rows.left.map(({ seen, reason }) => ({ found: seenOf(seen), reason })),
    renamed: rows.renamed.map(({ seen, declared }) => ({ found: seenOf(seen), declared })),
    refused: refused.map((one) => ({ ...one })),
    files: files.map(({ file, added }) => ({ file, added })),
    problems: [...problems],
    importFile,
  }),
  exitCode: ({ problems }) => (problems.length > 0 ? 1 : 0),
});
