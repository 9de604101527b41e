/** The sandbox's SSH host: a real OpenSSH server whose sessions see a file tree of their own. */
export { tryLogin, writeClientConfig } from "./client.ts";
export { bubblewrapArguments, type Mode, quote, TREE } from "./enter.ts";
export { type HostedService, prepareHostTree } from "./host-tree.ts";
export { chooseIsolation, PHP } from "./isolation.ts";
export { ACCOUNT_KINDS, type AccountKind, DEFAULT_PROFILE, type HostProfile, SESSION_MARKER } from "./profile.ts";
export { prepareSshHost, type SshHost } from "./server.ts";
