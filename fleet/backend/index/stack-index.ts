import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Fingerprint } from "../../../stacks/fingerprint.ts";
import { writeAtomically } from "../store/state-dir.ts";

const fingerprintSchema = z.object({
  state: z.string(),
  program: z.string(),
  settings: z.string(),
  shared: z.string(),
});
const entrySchema = z.object({
  fingerprint: fingerprintSchema,
  /** Time of the stack's last update when the entry was written, as `pulumi stack ls` says it. */
  lastUpdate: z.string(),
  /** Of its state in a bucket or table then: while a list names the same one, the time above is that of its last update. */
  version: z.string().optional(),
  /** Digest of its state's text as that update, which was ours, left it. @default not known */
  content: z.string().optional(),
  /** Digest of the encrypted values that the stack reads; only for stacks that read some. */
  secrets: z.string().optional(),
  /** The stack was asked for its digest: who made that last update, and how, is not known. @default it was ours */
  found: z.literal(true).optional(),
  /** How much it was declared to hold, by kind. */
  counts: z.record(z.string(), z.number()).optional(),
});
const indexSchema = z.object({
  version: z.literal(1),
  stacks: z.record(z.string(), entrySchema),
  /** Outputs of the shared stack that others read, with the update they are of. */
  shared: z
    .object({
      lastUpdate: z.string(),
      projects: z.record(z.string(), z.string()),
      zones: z.record(z.string(), z.string()),
    })
    .optional(),
});

/** What was true of a stack after its last update by us. */
export type IndexEntry = z.infer<typeof entrySchema>;
/** What is remembered of all stacks, so that a preview need not open them. A cache: without it stacks are asked or opened. */
export type StackIndex = z.infer<typeof indexSchema>;

/** Where a folder keeps its index. */
export const indexFile = (dir: string): string => join(dir, "index.json");

/** Reads an index as it was written; an unreadable one, or none, counts as empty. Pure. */
export function parseIndex(text: string | undefined): StackIndex {
  try {
    return indexSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return { version: 1, stacks: {} };
  }
}

/** Reads a folder's index; an unreadable one counts as empty. */
export function readIndex(dir: string): StackIndex {
  try {
    return parseIndex(readFileSync(indexFile(dir), "utf8"));
  } catch {
    return parseIndex(undefined);
  }
}

/** Changes the index: reads it anew, so that two runs on different stacks keep each other's entries. */
export function updateIndex(dir: string, change: (index: StackIndex) => StackIndex): void {
  writeAtomically(indexFile(dir), `${JSON.stringify(change(readIndex(dir)), null, 1)}\n`);
}

/** Why a stack is opened; undefined when it need not be. Pure. */
export function reasonToOpen(
  entry: IndexEntry | undefined,
  current: { readonly fingerprint: Fingerprint; readonly secrets?: string; readonly lastUpdate?: string },
): string | undefined {
  if (current.lastUpdate === undefined) return "the stack does not exist yet";
  if (entry === undefined) return "nothing is known of its last update";
  if (entry.lastUpdate !== current.lastUpdate) return "it was updated by another run since";
  const { fingerprint: was } = entry;
  const { fingerprint: is } = current;
  if (was.state !== is.state) return "its part of the catalog changed";
  if (was.settings !== is.settings) return "its configuration changed";
  if (entry.secrets !== current.secrets) return "encrypted values of its configuration changed";
  if (was.shared !== is.shared) return "what it uses of the shared stack changed";
  if (was.program !== is.program) return "the program or its packages changed";
  return undefined;
}

/**
 * Whether nothing but its part of the catalog, and encrypted values, can have changed since a stack's last update, which was ours
 * and ended well. Pure.
 */
export function onlyDeclared(
  entry: IndexEntry | undefined,
  current: { readonly fingerprint: Fingerprint; readonly lastUpdate?: string },
): boolean {
  if (entry === undefined || entry.lastUpdate !== current.lastUpdate) return false;
  const [was, is] = [entry.fingerprint, current.fingerprint];
  return was.settings === is.settings && was.shared === is.shared && was.program === is.program;
}

/**
 * Digest of what a stack's last update declared, where it was ours, ended well, and nothing else can have changed since. Where the stack
 * was asked, a person may have refreshed it: its state then has what was live. Pure.
 */
export function lastDeclared(
  entry: IndexEntry | undefined,
  current: { readonly fingerprint: Fingerprint; readonly lastUpdate?: string },
): string | undefined {
  return entry?.found || !onlyDeclared(entry, current) ? undefined : entry?.fingerprint.state;
}
