import { delimiter, dirname, join } from "node:path";

/** What a step's environment is made of. */
export interface EnvironmentParts {
  /** Directories whose programs come first, e.g. the source's `node_modules/.bin`. */
  readonly programs: readonly string[];
  /** Empty directory of the build's own. */
  readonly home: string;
  readonly temporary: string;
  /** Where npm, pip and composer keep what they fetched. */
  readonly cache: string;
  /** Seconds since the epoch: the only time that a step should write into what it makes. */
  readonly epoch: number;
  /** Names that the catalog hands on. */
  readonly allowed: readonly string[];
}

/** Names that say how this machine reaches the world and hold no secret: certificates of its own. */
const MACHINE = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "SYSTEMROOT"];

/**
 * The environment of a step. Pure. Of the caller's variables it has only PATH, certificates and those that the catalog names. So a
 * build does not see the machine's tokens, and does not depend on what else is set there.
 *
 * @param from The caller's environment.
 */
export function stepEnvironment(from: NodeJS.ProcessEnv, parts: EnvironmentParts): Record<string, string> {
  const names = [...MACHINE, ...parts.allowed].filter((name) => from[name] !== undefined);
  return {
    ...Object.fromEntries(names.map((name) => [name, from[name] ?? ""])),
    PATH: [...parts.programs, ...machinePath(from)].join(delimiter),
    HOME: parts.home,
    TMPDIR: parts.temporary,
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    CI: "true",
    NO_COLOR: "1",
    SOURCE_DATE_EPOCH: String(parts.epoch),
    npm_config_cache: join(parts.cache, "npm"),
    npm_config_update_notifier: "false",
    npm_config_fund: "false",
    npm_config_audit: "false",
    PIP_CACHE_DIR: join(parts.cache, "pip"),
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INPUT: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONHASHSEED: "0",
    COMPOSER_HOME: join(parts.home, "composer"),
    COMPOSER_CACHE_DIR: join(parts.cache, "composer"),
    COMPOSER_NO_INTERACTION: "1",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  };
}

/**
 * The folders in which a build finds programs of the machine. This process's Node is first, so that a build runs on the Node that runs
 * sitefleet. No `node_modules/.bin` is among them: a build must not use packages that its own project does not declare.
 */
export function machinePath(from: NodeJS.ProcessEnv): string[] {
  const entries = (from.PATH ?? "").split(delimiter).filter((entry) => entry !== "");
  return [dirname(process.execPath), ...entries.filter((entry) => !/[/\\]node_modules[/\\]\.bin[/\\]?$/.test(entry))];
}
