import { z } from "zod";
import type { Matching, Wanted } from "../../fleet/adopt/index.ts";
import type { Seen } from "../../vendors/inventory.ts";
import { flag } from "../kit/flags.ts";

/** What a person decides where several fit. */
export const chooseField = () =>
  flag(
    z.array(z.string()).optional(),
    "--choose <choice>",
    "NAME=ID: the declaration NAME stands for the object ID; may be given several times",
  );

const role = z
  .string()
  .describe("project, site-domain, release, zone, record, zone-setting, environment, secret, generated or service");

/** An object of a vendor. */
export const seenSchema = z.object({
  vendor: z.string(),
  role,
  id: z.string().describe("the vendor's id"),
  name: z.string(),
  of: z.string().optional().describe("id of what it is a part of"),
  unsupported: z.string().optional().describe("why it cannot be declared"),
});

/** A declared resource. */
const wantedSchema = z.object({ stack: z.string(), role, name: z.string(), urn: z.string() });

/** What is declared, held against what exists. */
export const matchingDocument = z.object({
  counts: z.object({
    found: z.int().describe("objects that were read, without those that vendors make by themselves"),
    matched: z.int(),
    held: z.int().describe("in a state already"),
    ambiguous: z.int().describe("declarations for which several objects, or the other way round, fit equally well"),
    waiting: z.int().describe("fit, and wait for something that was not found: an update takes them up"),
    missing: z.int().describe("declared and not found: an update makes them"),
    unsupported: z.int(),
    foreign: z.int().describe("found, and no declaration asks for them"),
  }),
  matched: z.array(
    z.object({
      declared: wantedSchema,
      found: seenSchema,
      confidence: z.int().min(0).max(100),
      reason: z.string(),
    }),
  ),
  ambiguous: z.array(z.object({ declared: z.array(wantedSchema), found: z.array(seenSchema), reason: z.string() })),
  waiting: z.array(z.object({ declared: wantedSchema, found: seenSchema })),
  missing: z.array(
    wantedSchema.extend({ note: z.string().optional().describe("of a service: what its host serves now") }),
  ),
  unsupported: z.array(seenSchema),
  foreign: z.array(seenSchema),
});

export const seenOf = ({ vendor, role, id, name, of, unsupported }: Seen) => ({
  vendor,
  role,
  id,
  name,
  of,
  unsupported,
});
const declaredOf = ({ stack, role, name, urn }: Wanted) => ({ stack, role, name, urn });

/** What a service's host serves in place of what is declared, and what its deployment does about it. */
function noteOf({ role, name }: Wanted, seen: readonly Seen[]): string | undefined {
  const facts = role === "service" ? seen.find((one) => one.role === "service" && one.name === name)?.facts : undefined;
  if (facts?.serves === "directory")
    return "serves a directory: its first deployment keeps it as the release `original`";
  if (facts?.serves === "release")
    return `serves release ${String(facts.live).slice(0, 12)}: an update deploys what is declared`;
  return facts && "serves nothing of ours: an update deploys what is declared";
}

/** The document of a matching. Pure. @param seen all that was read */
export function documentOfMatching(matching: Matching, seen: readonly Seen[]): z.input<typeof matchingDocument> {
  const { matched, waiting, held, ties, missing, unsupported, foreign } = matching;
  return {
    counts: {
      found: seen.filter(({ automatic, role }) => automatic !== true && role !== "variable").length,
      matched: matched.length,
      held: held.length,
      ambiguous: ties.reduce((sum, one) => sum + one.wanted.length, 0),
      waiting: waiting.length,
      missing: missing.length,
      unsupported: unsupported.length,
      foreign: foreign.length,
    },
    matched: matched.map(({ wanted, seen: found, confidence, reason }) => ({
      declared: declaredOf(wanted),
      found: seenOf(found),
      confidence,
      reason,
    })),
    ambiguous: ties.map(({ wanted, seen: found, reason }) => ({
      declared: wanted.map(declaredOf),
      found: found.map(seenOf),
      reason,
    })),
    waiting: waiting.map(({ wanted, seen: found }) => ({ declared: declaredOf(wanted), found: seenOf(found) })),
    missing: missing.map((one) => ({ ...declaredOf(one), note: noteOf(one, seen) })),
    unsupported: unsupported.map(seenOf),
    foreign: foreign.map(seenOf),
  };
}
