import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { setSecret } from "../fleet/engine/first-stack.ts";
import { BY_HAND, type Catalog, loadCatalog } from "../model/index.ts";
import { desiredState } from "../stacks/desired.ts";
import { PLESK_STACK } from "../stacks/names.ts";
import { requiredSecrets } from "../stacks/plesk.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { ExportError, type Exported, FORMATS, fromVariables, readExport } from "./secrets/exports.ts";
import { secretFacts } from "./secrets/facts.ts";
import { type ImportPlan, planImport } from "./secrets/import.ts";
import { type EntryChange, writeEntries } from "./secrets/write.ts";

const names = z.array(z.string());

/** What was imported; never a value. */
export interface Imported extends Omit<ImportPlan, "set" | "problems"> {
  readonly set: readonly string[];
}

/** Takes values from elsewhere into the configuration, encrypted. */
export const secretsImport = defineOperation({
  name: "secrets import",
  summary:
    "take values from a password manager's export on stdin or from the environment into the configuration, encrypted; or take over what the vendor has",
  changes: true,
  input: z.object({
    from: flag(
      z.enum([...FORMATS, "environment"]).optional(),
      "--from <form>",
      `what it comes from: ${FORMATS.join(", ")} on stdin, or environment`,
    ),
    existing: flag(
      z.boolean().optional(),
      "--existing",
      "what the vendor has and has no value here stays as it is: its entry says that it was set by hand",
    ),
    replace: flag(z.boolean().optional(), "--replace", "also in place of values that there are"),
    dryRun: flag(z.boolean().optional(), "--dry-run", "say what would be done, and do nothing"),
    // Without a flag: the command line reads it from stdin.
    text: z.string().optional().describe("the export"),
  }),
  events: z.object({ event: z.literal("secret-set"), name: z.string() }),
  output: z.object({
    set: names.describe("written into the configuration, encrypted"),
    takenOver: names.describe("stay as they are at the vendor; value unknown until they are imported"),
    known: names.describe("were set by hand before; the configuration has them now"),
    kept: names.describe("have a value already"),
    left: z.int().describe("entries of the export that are no secret of the catalog"),
  }),
  async run({ from, existing = false, replace = false, dryRun = false, text = "" }, tools): Promise<Imported> {
    const { estate, emit, signal } = tools;
    if (from === undefined && !existing)
      throw new SitefleetError({ code: "usage", message: "what is imported? --from FORM < FILE, or --existing" });
    const catalog = loadCatalog(estate.catalogDir);
    const exported = from === undefined ? [] : exportedOf(from, text);
    const facts = await secretFacts(catalog, estate.configFile);
    const plan = planImport(exported, facts, { replace, existing, needed: neededOf(catalog) });
    const { set, problems, ...rest } = plan;
    if (problems.length > 0) throw unusable(problems);
    if (!dryRun) {
      // One after the other: each writes the whole file anew.
      for (const [name, value] of set) {
        signal.throwIfAborted();
        await setSecret(name, value, estate.configFile, environment());
        emit({ event: "secret-set", name });
      }
      const changes = [
        ...rest.takenOver.map((name): [string, EntryChange] => [name, { source: BY_HAND }]),
        ...rest.known.map((name): [string, EntryChange] => [name, { source: "config" }]),
      ];
      if (changes.length > 0) writeEntries(estate.catalogDir, new Map(changes));
    }
    return { ...rest, set: [...set.keys()] };
  },
  document: ({ set, takenOver, known, kept, left }) => ({
    set: [...set],
    takenOver: [...takenOver],
    known: [...known],
    kept: [...kept],
    left,
  }),
});

function exportedOf(from: (typeof FORMATS)[number] | "environment", text: string): Exported[] {
  if (from === "environment") return fromVariables(environment());
  try {
    return readExport(from, text);
  } catch (error) {
    if (error instanceof ExportError) throw unusable([`the export ${error.message}`]);
    throw error;
  }
}

/** Secrets whose values the programs need. */
function neededOf(catalog: Catalog): Set<string> {
  const state = desiredState(catalog, PLESK_STACK);
  return new Set(state?.kind === "plesk" ? requiredSecrets(state) : []);
}

const unusable = (details: readonly string[]): SitefleetError =>
  new SitefleetError({
    code: "secrets.import",
    message: details.length === 1 ? "it cannot be imported" : `${details.length} things cannot be imported`,
    details,
    hint: "correct what is listed; nothing was written",
  });
