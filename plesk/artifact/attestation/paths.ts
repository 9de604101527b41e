/** Where the files that attest an artifact lie. */
export interface AttestationPaths {
  /** Every file with size, mode and digest; see {@link BuildManifest}. */
  readonly manifest: string;
  /** CycloneDX JSON. */
  readonly sbom: string;
  /** in-toto statement with SLSA provenance. */
  readonly provenance: string;
}

/**
 * The files that attest an artifact lie beside its directory, not in it: they are never served, and neither the release's
 * digest nor what an upload sends changes by them.
 */
export function attestationPaths(dir: string): AttestationPaths {
  const base = dir.replace(/\/+$/, "");
  return {
    manifest: `${base}.manifest.json`,
    sbom: `${base}.sbom.json`,
    provenance: `${base}.provenance.json`,
  };
}

/** The signature of an artifact's provenance, which names the release, its manifest and its SBOM. Pure. */
export const signaturePath = (dir: string): string => `${attestationPaths(dir).provenance}.sig`;
