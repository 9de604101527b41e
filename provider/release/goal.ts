import { createHash } from "node:crypto";
import type { CheckSettings } from "../check/types.ts";
import type { Deployment, Repository } from "../vercel/shapes.ts";

/** What a release is built from. */
export type Source =
  /** A commit, 40 hex digits. */
  | { readonly kind: "git"; readonly sha: string; readonly repository: Repository | undefined }
  /** Uploaded files by the path they have in the deployment. */
  | { readonly kind: "files"; readonly root: string; readonly files: readonly SourceFile[] };

/** One uploaded file. */
export interface SourceFile {
  readonly file: string;
  /** SHA-1 of its content, hex. */
  readonly sha: string;
  /** Bytes. */
  readonly size: number;
}

/** How long each part may take, in milliseconds. */
export interface Deadlines {
  /** Until the build starts: slots for builds are few, and others may wait before it. */
  readonly queueMs: number;
  /** From the build's start to its end. */
  readonly buildMs: number;
  /** All tries of the check. */
  readonly checkMs: number;
  /** Until every production host has moved. */
  readonly promotionMs: number;
}

/** Which deployment is to be live. */
export interface Goal {
  readonly projectId: string;
  readonly source: Source;
  /** Builds made under another key are not taken; undefined takes any. */
  readonly buildKey: string | undefined;
  /** Digest of the settings that builds must be made with; undefined takes any. */
  readonly settings?: string | undefined;
  /** Are builds taken that do not say with which settings they were made? Not once those have changed. @default true */
  readonly anySettings?: boolean;
  /** Hosts that must point at it in the end. */
  readonly hosts: readonly string[];
  /** Undefined: promoted as soon as it is built. */
  readonly check: CheckSettings | undefined;
  readonly deadlines: Deadlines;
}

/** Entries of a deployment's metadata by which a later run finds what an earlier one has made. */
export const META = { source: "sitefleetSource", key: "sitefleetKey", settings: "sitefleetSettings" } as const;

/** What tells sources apart: `git:<sha>` or `files:<digest>`. The same files give the same digest, in any order. Pure. */
export function sourceId(source: Source): string {
  if (source.kind === "git") return `git:${source.sha}`;
  const hash = createHash("sha256");
  const sorted = [...source.files].sort((a, b) => (a.file < b.file ? -1 : 1));
  for (const { file, sha } of sorted) hash.update(`${file}\0${sha}\n`);
  return `files:${hash.digest("hex").slice(0, 40)}`;
}

/** Metadata that a new deployment is given. Pure. */
export function metaOf({ source, buildKey, settings }: BuildGoal): Record<string, string> {
  return {
    [META.source]: sourceId(source),
    ...(buildKey === undefined ? {} : { [META.key]: buildKey }),
    ...(settings === undefined ? {} : { [META.settings]: settings }),
  };
}

/** What tells builds of one source apart. */
type BuildGoal = Pick<Goal, "source" | "buildKey" | "settings" | "anySettings">;

/** Digest of build settings, in any order; undefined when there are none. Pure. */
export function settingsId(settings: Readonly<Record<string, string>> | undefined): string | undefined {
  if (settings === undefined) return undefined;
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 16);
}

/** Whether a deployment is a build of what is to be live, also when others have made it of the same commit. Pure. */
export function isBuildOf(
  deployment: Deployment,
  { source, buildKey, settings, anySettings = true }: BuildGoal,
): boolean {
  if (buildKey !== undefined && deployment.meta[META.key] !== buildKey) return false;
  const made = deployment.meta[META.settings];
  if (settings !== undefined && (made === undefined ? !anySettings : made !== settings)) return false;
  if (source.kind === "git" && deployment.sha !== undefined) return deployment.sha === source.sha;
  return deployment.meta[META.source] === sourceId(source);
}
