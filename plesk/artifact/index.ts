import { type Kind, sharedPathsOf } from "../kinds/index.ts";
import { type Entry, manifestDigest, renderManifest } from "./manifest.ts";
import { scanArtifact } from "./scan.ts";

/** The parts of a service that decide which files of its artifact make up a release. */
export interface ArtifactRules {
  /** Decides which paths are shared by default (see `plesk/kinds`). @default "generic" */
  readonly kind?: Kind;
  /** Patterns in .gitignore's language of what is never uploaded. @default [] */
  readonly exclude?: readonly string[];
  /** Further shared paths, relative to the release. @default [] */
  readonly shared?: readonly string[];
  /** Web root inside the release; shared paths of the kind are relative to it. @default the kind's */
  readonly webRoot?: string;
}

/** An artifact that was read: its files, their manifest, and the digest that names the release. */
export interface Artifact {
  /** Absolute or relative directory as given. */
  readonly dir: string;
  /** 64 hex digits; see {@link manifestDigest}. */
  readonly digest: string;
  readonly entries: readonly Entry[];
  /** Text form, stored on the host. */
  readonly manifest: string;
  /** Number of regular files. */
  readonly files: number;
  /** Sum of the files' sizes in bytes. */
  readonly bytes: number;
}

/**
 * Reads an artifact and computes its digest.
 *
 * @throws SitefleetError `plesk.artifact`; see {@link scanArtifact}.
 */
export async function readArtifact(dir: string, rules: ArtifactRules = {}): Promise<Artifact> {
  const entries = await scanArtifact(dir, { exclude: rules.exclude ?? [], shared: sharedPathsOf(rules) });
  const manifest = renderManifest(entries);
  const files = entries.filter((entry) => entry.kind === "file");
  return {
    dir,
    digest: manifestDigest(manifest),
    entries,
    manifest,
    files: files.length,
    bytes: files.reduce((sum, entry) => sum + entry.size, 0),
  };
}

/**
 * The content digest of an artifact: over sorted relative paths, normalised modes, contents and link targets; not over
 * times, owners or the umask of the checkout. 64 hex digits. It names the release on the host and is the input by
 * which Pulumi sees that a service changed. Reads every file once; the driver computes the same from the same rules.
 *
 * @throws SitefleetError `plesk.artifact`; see {@link scanArtifact}.
 */
export async function artifactDigest(dir: string, rules: ArtifactRules = {}): Promise<string> {
  return (await readArtifact(dir, rules)).digest;
}
