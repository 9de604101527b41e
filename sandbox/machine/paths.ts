import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";

/** Root of the project's checkout; the sandbox's own programs and the toolchain lie beneath it. */
export const PROJECT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Every file and folder of one sandbox, all beneath one directory so that deleting it deletes the sandbox. */
export interface SandboxPaths {
  readonly dir: string;
  /** What runs: processes, ports, addresses. Present exactly while something may be running. */
  readonly info: string;
  /** Ports of the last run, so that a restart keeps its addresses. Survives `stop`. */
  readonly ports: string;
  /** What the cloud process is told: seeds and wanted ports. */
  readonly settings: string;
  /** Random values that stay the same over restarts. Mode 0600. */
  readonly secrets: string;
  /** The sandbox's Pulumi configuration file, of the same shape as the project's Pulumi.prod.yaml. */
  readonly config: string;
  /** Pulumi's state backend. */
  readonly state: string;
  /** Vendors' snapshots, one JSON file each. */
  readonly data: string;
  readonly logs: string;
  /** Files by which daemons tell where they listen. */
  readonly run: string;
  /** Keys and configuration of the SSH server. */
  readonly ssh: string;
  /** The host's file tree as SSH sessions and the web server see it. */
  readonly host: string;
  /** Data directories of the database servers, one folder each. */
  readonly databases: string;
  /** Throw-away certificate authority of the TLS proxy. */
  readonly ca: string;
  /** The same for the hosts of the catalog. */
  readonly edgeCa: string;
}

/**
 * The sandbox's directory: what was asked for, else `SITEFLEET_SANDBOX_DIR`, else `.sandbox` in the project.
 * Always absolute.
 *
 * @throws SitefleetError `sandbox.dir` for a directory that must never be one: the root, the home or the project itself
 */
export function sandboxDir(dir?: string, env: NodeJS.ProcessEnv = environment()): string {
  const chosen = resolve(dir ?? (env.SITEFLEET_SANDBOX_DIR || join(PROJECT_ROOT, ".sandbox")));
  // `--purge` deletes this directory, and the web server and sshd expose parts of it.
  if (chosen === "/" || chosen === homedir() || PROJECT_ROOT === chosen || PROJECT_ROOT.startsWith(`${chosen}/`)) {
    throw new SitefleetError({
      code: "sandbox.dir",
      message: `${chosen} cannot be a sandbox's directory`,
      hint: "Choose a directory that holds nothing else, e.g. .sandbox",
    });
  }
  return chosen;
}

/** All paths of the sandbox in `dir` (absolute). Pure: creates nothing. */
export function sandboxPaths(dir: string): SandboxPaths {
  const at = (name: string): string => join(dir, name);
  return {
    dir,
    info: at("sandbox.json"),
    ports: at("ports.json"),
    settings: at("settings.json"),
    secrets: at("secrets.json"),
    config: at("Pulumi.prod.yaml"),
    state: at("state"),
    data: at("data"),
    logs: at("logs"),
    run: at("run"),
    ssh: at("ssh"),
    host: at("host"),
    databases: at("databases"),
    ca: at("ca"),
    edgeCa: at("edge-ca"),
  };
}
