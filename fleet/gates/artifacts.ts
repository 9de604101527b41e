import { readFile } from "node:fs/promises";
import { SitefleetError } from "../../errors/index.ts";
import { checkAttestation } from "../../plesk/artifact/attestation/check.ts";
import { attestationPaths, signaturePath } from "../../plesk/artifact/attestation/paths.ts";
import { type ArtifactRules, readArtifact } from "../../plesk/artifact/index.ts";
import { ARTIFACT_NAMESPACE, readSignature, verifyText } from "./signature.ts";
import type { SignedArtifact } from "./types.ts";

/** A signature is a few hundred bytes. */
const MAX_SIGNATURE = 16 * 1024;

/**
 * The text that is signed for an artifact: its provenance, which names the release and the digests of manifest and SBOM. The files
 * were held against it.
 *
 * @throws SitefleetError `plesk.artifact…`: it cannot be read, nothing attests it, or the files do not fit
 */
export async function artifactStatement(dir: string, rules: ArtifactRules): Promise<string> {
  await checkAttestation(await readArtifact(dir, rules), "required");
  return readFile(attestationPaths(dir).provenance, "utf8");
}

/**
 * Who has signed an artifact. The key is told only where the signature is of this provenance and the provenance is of exactly these
 * files. Whether it is a signer's is judged elsewhere.
 */
export async function signatureOf(dir: string, rules: ArtifactRules): Promise<Omit<SignedArtifact, "service">> {
  const signature = await readFile(signaturePath(dir), "utf8").catch(() => undefined);
  if (signature === undefined) return { problem: "no signature" };
  const head = signature.length > MAX_SIGNATURE ? undefined : readSignature(signature);
  if (head === undefined) return { problem: "the signature cannot be read" };
  if (head.namespace !== ARTIFACT_NAMESPACE) return { problem: "signed for something else" };
  let statement: string;
  try {
    statement = await artifactStatement(dir, rules);
  } catch (error) {
    if (!(error instanceof SitefleetError)) throw error;
    return { problem: "its files are not those that were attested" };
  }
  const fits = await verifyText(statement, signature, head.key, ARTIFACT_NAMESPACE);
  return fits ? { key: head.key } : { problem: "the signature is of another provenance" };
}
