import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson, remove, writeAtomic } from "../machine/files.ts";
import { PROJECT_ROOT, type SandboxPaths } from "../machine/paths.ts";
import {
  cloudFacts,
  databaseFacts,
  identitySchema,
  type PartFacts,
  type PartName,
  providerFacts,
  sshFacts,
} from "./info.ts";
import type { ProcessIdentity } from "./processes.ts";

const FACTS = {
  cloud: cloudFacts,
  providers: providerFacts,
  sshd: sshFacts,
  mariadb: databaseFacts,
  postgresql: databaseFacts,
};

/** What is known of one process of the sandbox, kept in `run/PART.json` from the moment it exists. */
export interface PartRecord<Name extends PartName = PartName> {
  readonly identity: ProcessIdentity;
  /** Digest of what it was started with; another one means that it has to be started anew. */
  readonly key: string;
  /** Where it listens; missing until it is ready. */
  readonly facts?: PartFacts[Name];
}

const file = (paths: SandboxPaths, name: PartName): string => join(paths.run, `${name}.json`);

/** Notes a process. Done before it is ready, so that a start killed half way leaves nothing that is not found. */
export function writePart<Name extends PartName>(paths: SandboxPaths, name: Name, record: PartRecord<Name>): void {
  writeAtomic(file(paths, name), JSON.stringify(record, null, 2));
}

/** Reads the note; undefined when there is none. */
export function readPart<Name extends PartName>(paths: SandboxPaths, name: Name): PartRecord<Name> | undefined {
  const base = z.object({ identity: identitySchema, key: z.string(), facts: z.unknown() });
  const parsed = base.safeParse(readJson(file(paths, name)));
  if (!parsed.success) return undefined;
  const { identity, key } = parsed.data;
  const facts = FACTS[name].safeParse(parsed.data.facts);
  return facts.success ? { identity, key, facts: facts.data as PartFacts[Name] } : { identity, key };
}

/** Forgets the process. */
export function forgetPart(paths: SandboxPaths, name: PartName): void {
  remove(file(paths, name));
}

/** Digest of what a part is started with. */
export function keyOf(...inputs: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 32);
}

/**
 * Changes with the program text of some folders of `sandbox/`, so that a daemon started before an update, or before an
 * edit, is not taken for a current one. Looks at sizes and times only; a few milliseconds.
 */
export function sourceStamp(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const base = join(PROJECT_ROOT, "sandbox", folder);
    const files = readdirSync(base, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    for (const name of files.sort()) {
      const { size, mtimeMs } = statSync(join(base, name));
      hash.update(`${folder}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}
