import { userInfo } from "node:os";

/** Prefix of a command that runs PostgreSQL's programs as another user than root, who may not run them. */
export interface ServerAccount {
  readonly prefix: readonly string[];
  /** Owner of the data directory as `user:group`; undefined where nothing has to be given away. */
  readonly owner?: string;
}

/**
 * Who PostgreSQL runs as: the user that started the sandbox, or Debian's `postgres` for root. That one keeps the right to pass
 * directories that are not open to it (CAP_DAC_OVERRIDE), since a sandbox lies in a private one.
 */
export function postgresqlAccount(): ServerAccount {
  if (userInfo().uid !== 0) return { prefix: [] };
  const capability = "+dac_override";
  return {
    prefix: [
      "/usr/bin/setpriv",
      "--reuid=postgres",
      "--regid=postgres",
      "--clear-groups",
      `--inh-caps=${capability}`,
      `--ambient-caps=${capability}`,
    ],
    owner: "postgres:postgres",
  };
}
