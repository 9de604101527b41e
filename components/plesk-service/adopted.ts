import { parseDocument } from "../../plesk/input.ts";
import { specDigest } from "../../plesk/spec.ts";

/**
 * What the driver's deployment of a document would have printed, of a service that serves the document's artifact already: the two
 * digests that a state needs of it, see `deployedOf`. Pure.
 *
 * @param stdin the document as the driver gets it
 * @param release digest of what is live, 64 hex digits
 * @throws SitefleetError when it is no document
 */
export function adoptedResult(stdin: string, release: string): string {
  return JSON.stringify({ action: "adopt", release, spec: specDigest(parseDocument(JSON.parse(stdin))) });
}
