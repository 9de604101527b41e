import { z } from "zod";
import { kindsOf } from "../fleet/run/needs/index.ts";
import { emptyCatalog } from "../model/index.ts";
import { stackNames } from "../stacks/names.ts";
import { type Check, LEVELS, type Level, type Line, ok, warning } from "../vendors/checkup.ts";
import { backendChecks } from "./doctor/backend.ts";
import { budgetChecks } from "./doctor/budget.ts";
import { examine } from "./doctor/examine.ts";
import { hostChecks } from "./doctor/hosts.ts";
import { localChecks, readCatalog } from "./doctor/local.ts";
import { judgeCallsLeft, judgeClock, vendorChecks } from "./doctor/vendors.ts";
import { readDuration } from "./kit/duration.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What doctor found. */
export interface Examined {
  readonly lines: readonly Line[];
  readonly seconds: number;
}

/** Lines of one level. Pure. */
export const linesOf = ({ lines }: Pick<Examined, "lines">, level: Level): readonly Line[] =>
  lines.filter((line) => line.level === level);

/** A name with nothing behind it may be mistyped: all is well is not what it should say. */
const nothingOf = (only: readonly string[]): Line =>
  only.length === 0
    ? ok("doctor", "there is nothing to look at")
    : warning("doctor", `nothing is looked at under ${only.join(", ")}`, "docs/reference/doctor.md lists the ids");

/** How long all of it may take, s. */
const WITHIN_SECONDS = 10;
/** Of which each check may take so much, ms a second: they run side by side, and what they came to is judged after. */
const EACH_SHARE = 800;

/** Looks at everything that a run needs. Reads only; what fails or hangs is a line of its own. */
export const doctor = defineOperation({
  name: "doctor",
  summary: "look at everything that a run needs, and say what to type where something is wrong. Changes nothing.",
  changes: false,
  input: z.object({
    offline: flag(z.boolean().optional(), "--offline", "only what this machine knows: no vendor and no host is called"),
    within: flag(
      z.number().positive().optional(),
      "--within <duration>",
      "how long it may take (default: 10s)",
      readDuration("--within"),
    ),
    only: flag(
      z.array(z.string()).optional(),
      "--only <id>",
      "only lines whose id begins so, e.g. backend; may be given several times",
    ),
  }),
  events: z.discriminatedUnion("event", [
    z.object({ event: z.literal("begun") }),
    z.object({ event: z.literal("done") }),
  ]),
  output: z.object({
    ok: z.boolean().describe("nothing is a fault"),
    faults: z.int().min(0),
    warnings: z.int().min(0),
    seconds: z.number(),
    lines: z.array(
      z.object({
        id: z.string().describe("what was looked at; docs/reference/doctor.md lists all"),
        level: z.enum(LEVELS),
        says: z.string(),
        todo: z.string().optional().describe("what to type or to do"),
      }),
    ),
  }),
  async run({ offline = false, within = WITHIN_SECONDS, only = [] }, { estate, signal, emit }): Promise<Examined> {
    const started = performance.now();
    const read = readCatalog(estate.catalogDir);
    const catalog = read.catalog ?? emptyCatalog(estate.catalogDir);
    const stacks = stackNames(catalog);
    const kinds = kindsOf(stacks);
    const wanted = (id: string) => only.length === 0 || only.some((start) => id.startsWith(start));
    const vendors = offline
      ? undefined
      : await vendorChecks(catalog, read.catalog !== undefined, kinds, estate.configFile);
    const checks: readonly Check[] = [
      ...localChecks(read, catalog, kinds, estate.configFile),
      ...backendChecks(stacks),
      ...(vendors?.checks ?? []),
      ...(offline ? [] : hostChecks(estate, catalog)),
      ...budgetChecks(catalog),
    ];
    // A check may have lines beside its own id; where none bears the name that was asked for, all are looked at.
    const named = checks.filter(({ id }) => only.some((start) => id.startsWith(start) || start.startsWith(id)));
    // A stop closes what was opened on hosts.
    emit({ event: "begun" });
    const found = await examine(named.length > 0 ? named : checks, { signal, eachMs: within * EACH_SHARE });
    emit({ event: "done" });
    const heard = vendors?.heard ?? [];
    const lines = [...found, ...judgeClock(heard), ...judgeCallsLeft(heard)].filter(({ id }) => wanted(id));
    return {
      lines: lines.length > 0 ? lines : [nothingOf(only)],
      seconds: (performance.now() - started) / 1000,
    };
  },
  document: (value) => ({
    ok: linesOf(value, "fault").length === 0,
    faults: linesOf(value, "fault").length,
    warnings: linesOf(value, "warning").length,
    seconds: value.seconds,
    lines: [...value.lines],
  }),
  exitCode: (value) => (linesOf(value, "fault").length > 0 ? 1 : 0),
});
