/** Kinds of shell account that are known; what each one really has is probed. */
export const PROFILES = ["generic", "plesk-bash", "plesk-chroot", "kas"] as const;
/** See {@link PROFILES}. */
export type ProfileName = (typeof PROFILES)[number];

/** What is known about hosts of a kind before one of them is asked. */
export interface Profile {
  /** Mode and group of the directory that the web server opens first; undefined leaves 755. */
  readonly documentRoot?: { readonly mode: string; readonly group: string };
  /** Directories relative to the document root, `dir/`, in which the host's panel keeps files of its own. */
  readonly panel: readonly string[];
  /** Programs that such an account never may use, whatever lies on its PATH, and why. */
  readonly denies: Readonly<Record<string, string>>;
  /** What a service can do that needs one of those. */
  readonly wayOut: string;
}

/** Files by which a certificate authority sees that a name is ours (RFC 8555, section 8.3; CA/Browser Forum, 3.2.2.4.18). */
const CERTIFICATES = [".well-known/acme-challenge/", ".well-known/pki-validation/"];
/** Plesk's error pages and statistics, on subscriptions whose document root holds them. */
const PLESK_PANEL = [...CERTIFICATES, "error_docs/", "plesk-stat/"];

const NO_DAEMONS = "customers of shared hosting start no services";
const CHROOT = "the chrooted shell of Plesk does not carry it";

/**
 * Profiles by name. Tried and read at Plesk's and ALL-INKL's pages (docs/reference/services.md): chrooted Plesk shells have no rsync, php, python, stat, find, date or flock;
 * customers have neither systemd nor Docker; Plesk expects document roots with mode 750 and the web server's group.
 */
export const PROFILE: Readonly<Record<ProfileName, Profile>> = {
  generic: { panel: CERTIFICATES, denies: {}, wayOut: "install it on the host, or name another host for the service" },
  "plesk-bash": {
    documentRoot: { mode: "750", group: "psaserv" },
    panel: PLESK_PANEL,
    denies: { docker: NO_DAEMONS, "docker-compose": NO_DAEMONS, systemctl: NO_DAEMONS },
    wayOut: "name a host of profile `generic` for the service (`server` in services.yaml)",
  },
  "plesk-chroot": {
    documentRoot: { mode: "750", group: "psaserv" },
    panel: PLESK_PANEL,
    denies: {
      docker: NO_DAEMONS,
      "docker-compose": NO_DAEMONS,
      systemctl: NO_DAEMONS,
      php: CHROOT,
      python3: CHROOT,
      node: CHROOT,
      composer: CHROOT,
    },
    wayOut: "give the account /bin/bash in Plesk (profile `plesk-bash`), or name another host for the service",
  },
  kas: {
    panel: CERTIFICATES,
    denies: { docker: NO_DAEMONS, "docker-compose": NO_DAEMONS, systemctl: NO_DAEMONS },
    wayOut: "name a host of profile `generic` for the service (`server` in services.yaml)",
  },
};
