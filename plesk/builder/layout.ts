import { attestationPaths } from "../artifact/attestation/paths.ts";

/** Where a build puts what it makes; everything lies beside the artifact's directory. */
export interface OutputPaths {
  /** The artifact: what the driver deploys. */
  readonly tree: string;
  readonly manifest: string;
  readonly sbom: string;
  readonly provenance: string;
  /** One directory a build, named by its release id, with archive, manifest, SBOM and provenance. */
  readonly kept: string;
  /** The build under way, and who makes it. */
  readonly work: string;
  /** What the last build failed of. */
  readonly failure: string;
}

/** Names of the files in a directory of {@link OutputPaths.kept}. */
export const KEPT = {
  archive: "artifact.tar.zst",
  manifest: "manifest.json",
  sbom: "sbom.json",
  provenance: "provenance.json",
} as const;

/** Pure. @param artifact Absolute directory of the artifact. */
export function outputPaths(artifact: string): OutputPaths {
  const base = artifact.replace(/\/+$/, "");
  return {
    tree: base,
    ...attestationPaths(base),
    kept: `${base}.builds`,
    work: `${base}.building`,
    failure: `${base}.failed.json`,
  };
}
