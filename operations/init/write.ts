import { randomBytes } from "node:crypto";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isMap, parseDocument } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import { fileBackend } from "../../fleet/backend/store/file-backend.ts";
import { writeAtomically } from "../../fleet/backend/store/state-dir.ts";
import { firstStack, setSecret } from "../../fleet/engine/first-stack.ts";
import { knownSalt, readConfigFile } from "../../fleet/run/needs/index.ts";
import { checkCatalog, formatProblem } from "../../model/index.ts";
import { dnsVendors } from "../../vendors/index.ts";
import type { Answers } from "./answers.ts";
import { missingKeys, type Places, type PlannedFile } from "./plan.ts";

/** What became of a file or a stack. */
export interface Done {
  readonly what: string;
  /** `kept`: it was there already and stays as it is. */
  readonly how: "made" | "kept" | "changed";
}

/** Looks whether the catalog, as it would be with these files, has problems. Nothing of it is written where it belongs. @throws SitefleetError `init.answers` */
export function tryCatalog(files: readonly PlannedFile[], places: Places): void {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-init-"));
  try {
    const catalog = join(dir, "catalog");
    mkdirSync(catalog);
    for (const { path, text } of files) if (path.startsWith("catalog/")) writeFileSync(join(dir, path), text);
    // What is there already is what counts.
    if (existsSync(places.catalog)) cpSync(places.catalog, catalog, { recursive: true });
    const { problems } = checkCatalog(catalog, dnsVendors());
    if (problems.length === 0) return;
    throw new SitefleetError({
      code: "init.answers",
      message: `the catalog would have ${problems.length} problems; nothing was written`,
      details: problems.map((problem) => formatProblem(problem).replaceAll(catalog, places.catalog)),
      hint: "correct the answers, or the files that are there already",
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Writes the files that are not there. One that is there stays, but for those that are ours alone. */
export function writeFiles(files: readonly PlannedFile[], { dir }: Places): Done[] {
  return files.map(({ path, text, mode = 0o644, ours = false }) => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    if (create(file, text, mode)) return { what: path, how: "made" };
    if (!ours || readFileSync(file, "utf8") === text) return { what: path, how: "kept" };
    writeAtomically(file, text);
    return { what: path, how: "changed" };
  });
}

/** Writes a file unless it is there; of two that do so at once one does. @returns whether it was written */
export function create(file: string, text: string, mode: number): boolean {
  let opened: number;
  try {
    opened = openSync(file, "wx", mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeFileSync(opened, text, { flush: true });
    return true;
  } finally {
    closeSync(opened);
  }
}

/** Makes the passphrase, where there is none: 32 random bytes that only their owner can read. */
export function makePassphrase({ passphraseFile, dir }: Places): Done {
  mkdirSync(dirname(passphraseFile), { recursive: true });
  const made = create(passphraseFile, `${randomBytes(32).toString("base64url")}\n`, 0o600);
  return { what: passphraseFile.replace(`${dir}/`, ""), how: made ? "made" : "kept" };
}

/** The directory of the states, where it is one. */
export function makeBackend(env: NodeJS.ProcessEnv): void {
  const dir = fileBackend(env);
  if (dir !== undefined) mkdirSync(dir, { recursive: true, mode: 0o700 });
}

/**
 * The configuration file: what it lacks is added, and nothing in it is changed. With it the first stack, whose making gives it the
 * salt that all stacks have.
 *
 * @throws SitefleetError `stack.init`, `settings.file`, `settings.encryption`
 */
export async function configure(answers: Answers, places: Places, env: NodeJS.ProcessEnv): Promise<Done[]> {
  const { configFile } = places;
  const before = existsSync(configFile) ? readFileSync(configFile, "utf8") : undefined;
  const document = parseDocument(
    before ?? "# Configuration of all stacks. docs/reference/configuration.md has every key.\n",
  );
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new SitefleetError({
      code: "settings.file",
      message: "cannot be read as YAML",
      subject: configFile,
      hint: "correct it, or move it away",
    });
  const there = (document.toJS() ?? {}) as Readonly<Record<string, unknown>>;
  for (const [key, value] of Object.entries(missingKeys(there, answers))) document.setIn(["config", key], value);
  const done: Done[] = [];
  if (there.encryptionsalt === undefined && there.secretsprovider === undefined) {
    const made = await firstStack(env);
    done.push({ what: "stack prod", how: made === undefined ? "kept" : "made" });
    // A stack of before has a salt, and the file of before that named it is gone.
    const salt = await knownSalt(env);
    const keys = made ?? (salt === undefined ? {} : { encryptionsalt: salt });
    for (const [key, value] of Object.entries(keys)) document.set(key, value);
  }
  const text = document.toString({ lineWidth: 0 });
  if (text !== before) writeAtomically(configFile, text);
  return [
    { what: "Pulumi.prod.yaml", how: before === undefined ? "made" : text === before ? "kept" : "changed" },
    ...done,
  ];
}

/** Names of the secrets that the configuration file holds already. */
export function secretsThere({ configFile }: Places): ReadonlySet<string> {
  if (!existsSync(configFile)) return new Set();
  const { config } = readConfigFile(configFile) as { config?: Record<string, unknown> };
  return new Set(Object.keys((config?.["sitefleet:secrets"] ?? {}) as object));
}

/** Writes secrets into the configuration file. @throws SitefleetError `stack.init` */
export async function writeSecrets(
  secrets: Readonly<Record<string, string>>,
  { configFile }: Places,
  env: NodeJS.ProcessEnv,
): Promise<Done[]> {
  // One after the other: each writes the whole file anew.
  for (const [name, value] of Object.entries(secrets)) await setSecret(name, value, configFile, env);
  return Object.keys(secrets).map((name) => ({ what: `secret ${name}`, how: "made" }));
}
