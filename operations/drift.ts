import { z } from "zod";
import { type TakeOver, takeOverOf } from "../fleet/drift/index.ts";
import { succeeded } from "../fleet/run/summary.ts";
import { adoptEvent } from "./adopt/events.ts";
import { type DriftRun, driftRun } from "./drift/run.ts";
import { writeTakeOvers } from "./drift/write.ts";
import { fleetFields, wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What differs, and what can be done about it. */
export interface DriftFound extends DriftRun {
  /** How each difference could be taken into the catalog, in the order of `drifted`. */
  readonly takeOvers: readonly (readonly TakeOver[])[];
  /** What was written into the catalog. */
  readonly written: readonly TakeOver[];
}

/** Exit code where what is live is not as declared, and no declaration explains it. */
const DRIFT_EXIT = 2;
/** Days that vendors are asked about when nothing else is said. */
const DEFAULT_DAYS = 7;

/** Says what is live otherwise than declared. */
export const drift = defineOperation({
  name: "drift",
  summary: "say what is live otherwise than declared, who did it as far as vendors tell, and what to do about it",
  // Only with --write, and only the catalog.
  changes: true,
  input: z.object({
    ...fleetFields(),
    who: flag(z.boolean().optional(), "--no-who", "do not ask the vendors who has done what"),
    unknown: flag(z.boolean().optional(), "--no-unknown", "do not look for objects that nothing declares"),
    days: flag(
      z.int().min(1).max(90).optional(),
      "--days <n>",
      `how many days back vendors are asked who has done what (default: ${DEFAULT_DAYS})`,
      wholeNumber("--days"),
    ),
    write: flag(
      z.boolean().optional(),
      "--write",
      "take into the catalog what differs and has a field there; nothing at a vendor is changed",
    ),
  }),
  events: adoptEvent,
  output: z.object({
    ok: z.boolean().describe("every stack could be compared"),
    counts: z.object({ declared: z.int(), drift: z.int(), both: z.int(), unknown: z.int(), noise: z.int() }),
    differences: z.array(
      z.object({
        class: z.enum(["declared", "drift", "both", "unknown", "noise"]),
        name: z.string(),
        role: z.string(),
        vendor: z.string(),
        stack: z.string().optional(),
        urn: z.string().optional(),
        id: z.string().optional(),
        op: z.string().optional().describe("what an update would do"),
        diffs: z.array(
          z.object({
            path: z.string(),
            kind: z.string(),
            old: z.string().optional().describe("what is live, as JSON"),
            new: z.string().optional().describe("what is declared, as JSON"),
          }),
        ),
        reasons: z.array(z.string()).describe("of noise: why it is none"),
        revert: z.string().optional().describe("what an update does about it"),
        takeOver: z.array(z.string()).describe("how it is taken into the catalog in place of that"),
        who: z.array(z.object({ at: z.string(), who: z.string(), what: z.string() })).describe("newest first"),
      }),
    ),
    written: z.array(z.string()),
    notes: z.array(z.string()).describe("what could not be found out"),
    errors: z.record(z.string(), z.array(z.string())).describe("by stack"),
    calls: z.record(z.string(), z.int()).optional(),
    seconds: z.number(),
  }),
  async run({ who, unknown, days = DEFAULT_DAYS, write, ...options }, tools): Promise<DriftFound> {
    const part = Boolean(options.stack?.length || options.cell?.length || options.except?.length);
    const found = await driftRun(tools, { ...options, who: who !== false, unknown: unknown !== false && !part, days });
    const { catalog } = found.session.inputs;
    const takeOvers = found.drifted.map((one) => takeOverOf(one, catalog));
    const written = write ? writeTakeOvers(tools.estate.catalogDir, catalog, takeOvers.flat()) : [];
    return { ...found, takeOvers, written };
  },
  document({ run, drifted, takeOvers, written, notes, calls, seconds }) {
    const count = (one: (typeof drifted)[number]["class"]) => drifted.filter((item) => item.class === one).length;
    return {
      ok: succeeded(run),
      counts: {
        declared: count("declared"),
        drift: count("drift"),
        both: count("both"),
        unknown: count("unknown"),
        noise: count("noise"),
      },
      differences: drifted.map(({ who, diffs, reasons, ...one }, index) => ({
        ...one,
        diffs: diffs.map(({ path, kind, old, new: to }) => ({ path, kind, old, new: to })),
        reasons: [...reasons],
        takeOver: (takeOvers[index] ?? []).map(({ file, text }) => `${file}: ${text}`),
        who: who.map(({ at, who: person, what }) => ({ at, who: person, what })),
      })),
      written: written.map(({ file, text }) => `${file}: ${text}`),
      notes: [...notes],
      errors: Object.fromEntries(
        run.results.flatMap(({ stack, errors }) => (errors.length > 0 ? [[stack, [...errors]]] : [])),
      ),
      calls,
      seconds,
    };
  },
  exitCode({ run, drifted }) {
    if (!succeeded(run)) return 1;
    return drifted.some(({ class: one }) => one === "drift" || one === "both" || one === "unknown") ? DRIFT_EXIT : 0;
  },
});
