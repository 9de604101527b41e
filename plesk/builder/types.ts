import type { ServiceBuild } from "../../model/index.ts";
import type { ArtifactRules } from "../artifact/index.ts";

/** What to build. */
export interface BuildRequest {
  /** Key of the service. */
  readonly service: string;
  /** The build as declared; `repository` absolute. */
  readonly build: ServiceBuild;
  /** What the driver takes of an artifact; decides the release id. */
  readonly rules: ArtifactRules;
  /** Absolute directory where the artifact goes; everything else lies beside it. */
  readonly artifact: string;
}

/** How to build. */
export interface BuildOptions {
  /** The caller's environment: of it a step gets PATH and the names that its build declares. */
  readonly env: NodeJS.ProcessEnv;
  /** Version of sitefleet. */
  readonly version: string;
  /** Also build changes that are in no commit. @default false */
  readonly allowDirty?: boolean;
  /** Where npm, pip and composer keep what they fetched. @default a directory that is removed afterwards */
  readonly cache?: string;
  readonly signal?: AbortSignal;
  /** Gets one line for people whenever a step begins. @default none */
  readonly say?: (line: string) => void;
}

/** What was built. */
export interface BuildResult {
  readonly service: string;
  /** Release id: the content digest by which the artifact is deployed. */
  readonly release: string;
  /** Directory of the artifact. */
  readonly artifact: string;
  /** Directory that holds its archive, manifest, SBOM and provenance. */
  readonly kept: string;
  /** null when the source is in no repository. */
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly archive: { readonly bytes: number; readonly sha256: string };
  /** Packages in the SBOM. */
  readonly components: number;
  readonly steps: readonly { readonly name: string; readonly seconds: number }[];
  readonly seconds: number;
}
