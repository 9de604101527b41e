import { type Component, type Found, merged } from "./component.ts";

/** What an SBOM is about. */
export interface Subject {
  /** Key of the service. */
  readonly service: string;
  /** Release id. */
  readonly release: string;
  /** ISO 8601; time of the source, not of the build. */
  readonly time: string;
  /** Version of sitefleet. */
  readonly tool: string;
}

/** One id or an SPDX expression of several. */
const SPDX = /^\(*[A-Za-z0-9][A-Za-z0-9.+-]*\)*( (AND|OR|WITH) \(*[A-Za-z0-9][A-Za-z0-9.+-]*\)*)*$/;
/** Written in that field to say that there is no such expression. */
const NO_SPDX = /^(UNLICENSED|proprietary|UNKNOWN)$/i;

// @cyclonedx/cyclonedx-library has no compositions, and so cannot say whether the list is complete.
/**
 * A CycloneDX 1.6 document. Pure, and the same for the same input: the serial number is made from the release id and its
 * components, and the time is the source's, so that two builds of one commit agree byte by byte.
 *
 * @param found What each package manager's lockfiles say; none means that nothing is known.
 */
export function cycloneDx(subject: Subject, found: readonly Found[]): Record<string, unknown> {
  const components = merged(found.flatMap((part) => part.components));
  const root = `${subject.service}@${subject.release}`;
  const direct = [...new Set(found.flatMap((part) => part.direct))].sort();
  const aggregate = found.length === 0 ? "unknown" : found.every((part) => part.complete) ? "complete" : "incomplete";
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(subject.release)}`,
    version: 1,
    metadata: {
      timestamp: subject.time,
      lifecycles: [{ phase: "build" }],
      tools: { components: [{ type: "application", name: "sitefleet", version: subject.tool }] },
      component: {
        type: "application",
        "bom-ref": root,
        name: subject.service,
        version: subject.release,
        hashes: [{ alg: "SHA-256", content: subject.release }],
      },
    },
    components: components.map(componentOf),
    dependencies: [
      { ref: root, dependsOn: direct },
      ...components.map(({ purl, dependsOn }) => ({ ref: purl, dependsOn })),
    ],
    compositions: [{ aggregate, dependencies: [root] }],
  };
}

function componentOf(component: Component): Record<string, unknown> {
  const { name, version, purl, scope, hashes, licenses, source } = component;
  const slash = name.lastIndexOf("/");
  return {
    type: "library",
    "bom-ref": purl,
    ...(slash < 0 ? { name } : { group: name.slice(0, slash), name: name.slice(slash + 1) }),
    version,
    scope,
    hashes: hashes.length === 0 ? undefined : hashes,
    licenses: licenses.length === 0 ? undefined : licensesOf(licenses),
    purl,
    externalReferences: source === undefined ? undefined : [{ type: "distribution", url: source }],
  };
}

/** The schema allows either one expression or a list of names. Composer's list means that one may be chosen. */
function licensesOf(licenses: readonly string[]): Record<string, unknown>[] {
  if (licenses.every((text) => SPDX.test(text) && !NO_SPDX.test(text))) {
    const parts = licenses.length > 1 ? licenses.map((text) => (text.includes(" ") ? `(${text})` : text)) : licenses;
    return [{ expression: parts.join(" OR ") }];
  }
  return licenses.map((name) => ({ license: { name } }));
}

/** A UUID of version 8 (own contents, RFC 9562) out of a digest. */
function uuidOf(digest: string): string {
  const variant = "89ab"[Number.parseInt(digest[16] ?? "0", 16) % 4];
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join("-");
}
