/** Every kind of service that the driver knows how to release. */
export const KINDS = [
  "static",
  "php",
  "drupal-civicrm",
  "fastapi",
  "prisma",
  "n8n",
  "keycloak",
  "grafana",
  "matomo",
  "generic",
] as const;
/** See {@link KINDS}. */
export type Kind = (typeof KINDS)[number];

/** What a kind decides when the service does not say otherwise. */
export interface KindDefaults {
  /** Directory inside the release that the document root points at; "" is the release itself. */
  readonly webRoot: string;
  /** Paths relative to the web root that outlive a release; a trailing slash marks a directory. */
  readonly shared: readonly string[];
  /** Patterns (.gitignore's language) of what the kind's steps make inside a release on the host. */
  readonly generated: readonly string[];
}

const none: KindDefaults = { webRoot: "", shared: [], generated: [] };

/**
 * Shared paths are what the applications write beside their code: uploads, caches with state, generated settings.
 * Sources: Drupal's and CiviCRM's layout (crm: `sites/default/files`, `sites/default/civicrm/upload`), Matomo's and Grafana's own manuals.
 */
export const KIND_DEFAULTS: Readonly<Record<Kind, KindDefaults>> = {
  static: none,
  php: none,
  "drupal-civicrm": { webRoot: "", shared: ["sites/default/files/", "sites/default/civicrm/upload/"], generated: [] },
  fastapi: { webRoot: "", shared: [], generated: ["/venv/", "/tmp/", "__pycache__/"] },
  prisma: { webRoot: "", shared: [], generated: ["/tmp/", "node_modules/.prisma/"] },
  n8n: none,
  keycloak: none,
  grafana: none,
  matomo: { webRoot: "", shared: ["tmp/"], generated: [] },
  generic: none,
};

/** Kinds whose pages PHP makes in the web server: it may go on with the code of the release before until it is told to forget it. */
export const PHP_KINDS: ReadonlySet<Kind> = new Set(["php", "drupal-civicrm", "matomo"]);

/** The web root of a service: its own, or its kind's; without slashes at the ends. */
export function webRootOf(service: { readonly kind?: Kind; readonly webRoot?: string }): string {
  return service.webRoot ?? KIND_DEFAULTS[service.kind ?? "generic"].webRoot;
}

/** All shared paths of a service, relative to the release, without duplicates; a trailing slash marks a directory. */
export function sharedPathsOf(service: {
  readonly kind?: Kind;
  readonly webRoot?: string;
  readonly shared?: readonly string[];
}): string[] {
  const webRoot = webRootOf(service);
  const prefix = webRoot === "" ? "" : `${webRoot}/`;
  const ofKind = KIND_DEFAULTS[service.kind ?? "generic"].shared.map((path) => prefix + path);
  return [...new Set([...ofKind, ...(service.shared ?? [])])];
}
