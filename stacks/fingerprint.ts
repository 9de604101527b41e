import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackKind } from "../vendors/calls.ts";
import { VENDORS } from "../vendors/index.ts";
import type { StackState } from "./desired.ts";
import { canonicalJson, digestOf } from "./digest.ts";

/** What decides what a stack's program declares, as digests: equal fingerprints need no preview. */
export interface Fingerprint {
  /** The stack's part of the catalog. */
  readonly state: string;
  /** Our own code and the versions of the SDKs. */
  readonly program: string;
  /** The plain values of the configuration that the stack reads. */
  readonly settings: string;
  /** What it reads of the shared stack's outputs. */
  readonly shared: string;
}

/** Plain configuration keys that a kind of stack reads. */
function settingsOf(kind: StackKind): string[] {
  const ofVendors = VENDORS.flatMap(({ settings = [] }) =>
    settings.flatMap(({ key, stacks }) => (stacks.includes(kind) ? [`sitefleet:${key}`] : [])),
  );
  return kind === "plesk" ? [...ofVendors, "sitefleet:hosts"] : ofVendors;
}

/** Folders whose code decides what is declared. */
const CODE = ["components", "provider/sdk", "stacks", "vendors"] as const;

let program: { readonly root: string; readonly digest: string } | undefined;

/** Digest of the code that declares resources, and of the lockfile. Read once a process. */
function programDigest(root: string): string {
  if (program?.root === root) return program.digest;
  const hash = createHash("sha256");
  for (const folder of CODE) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.[jt]s$/.test(name),
    );
    for (const file of files.sort()) hash.update(`${folder}/${file}\n`).update(readFileSync(join(root, folder, file)));
  }
  hash.update(readFileSync(join(root, "package-lock.json")));
  program = { root, digest: hash.digest("hex") };
  return program.digest;
}

/** Names of the shared stack's entries that a stack reads, apart from secrets. */
export function sharedNames(state: StackState): { map: "projects" | "zones"; name: string }[] {
  if (state.kind === "cell") {
    const names = state.sites.flatMap(({ project }) => (project.kind === "shared" ? [project.name] : []));
    return [...new Set(names)].sort().map((name) => ({ map: "projects", name }));
  }
  if (state.kind === "shared") return [];
  const zones = state.services.flatMap(({ zone }) => zone ?? []);
  return [...new Set(zones)].sort().map((name) => ({ map: "zones", name }));
}

/** Whether a stack's program reads anything of the shared stack. Pure. */
export function readsShared(state: StackState): boolean {
  return state.kind === "plesk" || sharedNames(state).length > 0;
}

/** A configuration value as one text, whether it was read from the file or given by the engine, which has objects as JSON. */
function plainValue(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === "object") return canonicalJson(value);
  const text = String(value);
  return text.startsWith("{") ? canonicalJson(JSON.parse(text)) : text;
}

/** Puts a fingerprint together. Pure but for {@link programDigest}. */
export function fingerprint(
  state: StackState,
  root: string,
  config: Readonly<Record<string, unknown>>,
  shared: (map: "projects" | "zones", name: string) => string | undefined,
): Fingerprint {
  const settings = Object.fromEntries(settingsOf(state.kind).map((key) => [key, plainValue(config[key])]));
  return {
    state: digestOf(state),
    program: programDigest(root),
    settings: digestOf(settings),
    shared: digestOf(sharedNames(state).map(({ map, name }) => [map, name, shared(map, name) ?? null])),
  };
}
