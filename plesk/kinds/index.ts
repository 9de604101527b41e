import { allSharedPaths } from "../../model/shape/shared-paths.ts";

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
  /** Patterns (.gitignore's language) of what the kind's steps make inside a release on the host. */
  readonly generated: readonly string[];
}

const none: KindDefaults = { webRoot: "", generated: [] };

/** Defaults of each kind. The paths of a kind that are shared stand in the catalog, which checks a service's own against them. */
export const KIND_DEFAULTS: Readonly<Record<Kind, KindDefaults>> = {
  static: none,
  php: none,
  "drupal-civicrm": none,
  fastapi: { webRoot: "", generated: ["/venv/", "/tmp/", "__pycache__/"] },
  prisma: { webRoot: "", generated: ["/tmp/", "node_modules/.prisma/"] },
  n8n: none,
  keycloak: none,
  grafana: none,
  matomo: none,
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
  return allSharedPaths(service.kind ?? "generic", webRootOf(service), service.shared ?? []);
}
