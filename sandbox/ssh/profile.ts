import { PROFILES, type ProfileName } from "../../plesk/host/profile.ts";

/** What the sandbox's host looks like after a login; mimics the real one (shared hosting, no root). */
export interface HostProfile {
  /** Login name that `whoami` shows. */
  readonly user: string;
  /** Host name that `hostname` shows. */
  readonly hostname: string;
  /** The account's directory as its sessions see it; also the home, as on the real host. */
  readonly root: string;
  /** What kind of account it plays, as in `plesk/host/profile.ts`; decides which programs it has. */
  readonly kind: AccountKind;
}

/** Kinds of account: what the driver calls profiles. */
export const ACCOUNT_KINDS = PROFILES;
/** One of {@link ACCOUNT_KINDS}. */
export type AccountKind = ProfileName;

/** The host of the catalog's services: same user, name and root as the real one. */
export const DEFAULT_PROFILE: HostProfile = {
  user: "dmpl20230054",
  hostname: "dmpl20230054.kasserver.com",
  root: "/www/htdocs/w01234567",
  kind: "generic",
};

/** User and group id inside a session: those of a first ordinary account, so that nothing there thinks it is root. */
export const SESSION_UID = 1000;

/** Variable that marks every process of a sandbox's SSH sessions, so that `stop` finds those left in the background. */
export const SESSION_MARKER = "SITEFLEET_HOST_SESSION";
