/** The sandbox's SSH host: a real OpenSSH server whose sessions see a file tree of their own. */
export { SSH_ALIAS, tryLogin, writeClientConfig } from "./client.ts";
export { type Mode, quote } from "./enter.ts";
export { prepareHostTree } from "./host-tree.ts";
export { SSH_PACKAGES } from "./isolation.ts";
export { DEFAULT_PROFILE, type HostProfile, SESSION_MARKER } from "./profile.ts";
export { prepareSshHost, type SshHost, type SshHostOptions } from "./server.ts";
