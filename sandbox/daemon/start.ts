import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { type Catalog, loadCatalog } from "../../model/index.ts";
// Not the whole core: that loads the HTTP servers, which only the cloud process needs.
import { type FaultConfigInput, faultConfigSchema } from "../core/fault-config.ts";
import { ENGINES, type ServerLogin } from "../databases/index.ts";
import { writeAtomic } from "../machine/files.ts";
import { getJson } from "../machine/health.ts";
import { type SandboxPaths, sandboxDir, sandboxPaths } from "../machine/paths.ts";
import { LOOPBACK } from "../machine/ports.ts";
import { ACCOUNT_KINDS, type AccountKind, chooseIsolation, DEFAULT_PROFILE, prepareHostTree } from "../ssh/index.ts";
import { writeConfigFile } from "./config-file.ts";
import { type Ensured, ensurePart } from "./ensure.ts";
import { sandboxEnv } from "./env.ts";
import { type PartName, readInfo, readPorts, type SandboxInfo } from "./info.ts";
import { withLock } from "./lock.ts";
import { cloudPart } from "./part-cloud.ts";
import { databaseLogins, databasePart } from "./part-databases.ts";
import { providersPart } from "./part-providers.ts";
import { sshPart } from "./part-sshd.ts";
import { ensureSecrets, type SandboxSecrets, secretValues } from "./secrets.ts";
import { cloudSettings } from "./settings.ts";
import { endPart } from "./stop.ts";
import { urlsOf } from "./urls.ts";

/** What {@link startSandbox} is told. */
export interface StartOptions {
  /** Directory of the sandbox. @default SITEFLEET_SANDBOX_DIR, else `.sandbox` in the project */
  readonly dir?: string;
  /** Directory of the catalog that the vendors are seeded from. */
  readonly catalogDir: string;
  /** `stand-in`: this project's providers; `real`: what the engine finds. @default SITEFLEET_PLUGINS, else stand-in */
  readonly plugins?: "stand-in" | "real";
  /** Faults, latency and limits. @default none; a running sandbox keeps what it has */
  readonly faults?: FaultConfigInput;
  /**
   * What kind of account the SSH host plays, and so which programs it has. @default SITEFLEET_SANDBOX_HOST, else generic, which has all
   * that the catalog's services need
   */
  readonly account?: AccountKind;
  /** Slug of the Vercel team. @default "MarketingFunnelEmpire" */
  readonly team?: string;
  /** Longest time until every part is healthy, in milliseconds. @default 30000 */
  readonly timeoutMs?: number;
}

/** A start may have to wait for another one that is under way: its time-out and some more. */
const LOCK_WAIT = 90_000;

/**
 * Starts the sandbox, or what is missing of it, and returns when every part is healthy. A second call returns at
 * once; parts that died, or whose catalog changed, are started again, on the same ports where those are free.
 *
 * @throws SitefleetError `catalog.invalid`, `sandbox.dir`, `sandbox.faults`, `sandbox.packages`, `sandbox.ssh.isolation`,
 *   `sandbox.busy`, `sandbox.start` (with the tail of the failing part's log; what was started is ended then)
 */
export async function startSandbox(options: StartOptions): Promise<SandboxInfo> {
  const dir = sandboxDir(options.dir);
  checkFaults(options.faults);
  const catalog = loadCatalog(resolve(options.catalogDir));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return withLock(dir, LOCK_WAIT, () => start(sandboxPaths(dir), catalog, options));
}

async function start(paths: SandboxPaths, catalog: Catalog, options: StartOptions): Promise<SandboxInfo> {
  for (const folder of [paths.state, paths.data, paths.run, paths.logs]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const plugins = options.plugins ?? (environment().SITEFLEET_PLUGINS === "real" ? "real" : "stand-in");
  const team = options.team ?? "MarketingFunnelEmpire";
  const secrets = ensureSecrets(paths.secrets);
  const last = readPorts(paths.ports);
  const account = {
    ...DEFAULT_PROFILE,
    root: catalog.hosts[0]?.root ?? DEFAULT_PROFILE.root,
    kind: accountKind(options),
  };
  prepareHostTree(paths.host, account, catalog.services);
  const mode = await chooseIsolation(paths.host, account);
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  const databases = await databaseLogins(paths, catalog.services, secrets.databasePassword, last.servers);
  // A process that has to be started anew, say for another catalog, goes on with what the one before was told.
  const faults = options.faults ?? (await faultsOf(readInfo(paths.dir)));
  const settings = cloudSettings(catalog, secrets, {
    team,
    proxy: plugins === "real",
    ports: last.servers,
    faults,
    account,
    mode,
    databases,
  });
  const fresh: PartName[] = [];
  const note =
    <Name extends PartName>(name: Name) =>
    (part: Ensured<Name>): Ensured<Name> => {
      if (part.fresh) fresh.push(name);
      return part;
    };
  try {
    const [cloud, sshd] = await settleAll(
      ensurePart(paths, cloudPart(paths, settings), deadline).then(note("cloud")),
      ensurePart(paths, sshPart(paths, account, mode, catalog.services, last.servers.ssh), deadline).then(note("sshd")),
      startDatabases(paths, databases, deadline, note),
    );
    const attached: SandboxInfo = {
      version: 1,
      pid: cloud.pid,
      dir: paths.dir,
      catalogDir: resolve(options.catalogDir),
      plugins,
      startedAt: (cloud.fresh ? undefined : readInfo(paths.dir)?.startedAt) ?? new Date().toISOString(),
      ports: {
        ...cloud.facts.ports,
        ssh: sshd.facts.port,
        ...Object.fromEntries(databases.map(({ engine, port }) => [engine, port])),
      },
      urls: urlsOf(cloud.facts.ports),
      providers: {},
      ssh: sshd.facts,
      ...(cloud.facts.caFile === undefined ? {} : { caFile: cloud.facts.caFile }),
      ...(cloud.facts.edgeCaFile === undefined ? {} : { edgeCaFile: cloud.facts.edgeCaFile }),
    };
    const config = writeConfig(paths, catalog, secrets, team, attached);
    const [providers] = await settleAll(
      startProviders(paths, attached, last.providers, deadline, note("providers")),
      config,
    );
    if (!cloud.fresh && options.faults !== undefined) await putFaults(attached, options.faults);
    const info = { ...attached, providers };
    writeAtomic(paths.info, JSON.stringify(info, null, 2));
    // Those of parts that are not needed now as well: a database that comes back keeps its address.
    const ports = { servers: { ...last.servers, ...info.ports }, providers: { ...last.providers, ...providers } };
    writeAtomic(paths.ports, JSON.stringify(ports));
    return info;
  } catch (error) {
    for (const name of fresh) await endPart(paths, name);
    throw error;
  }
}

/** Starts the servers that are needed and ends the others. */
async function startDatabases(
  paths: SandboxPaths,
  logins: readonly ServerLogin[],
  deadline: number,
  note: <Name extends PartName>(name: Name) => (part: Ensured<Name>) => Ensured<Name>,
): Promise<void> {
  const unused = ENGINES.filter((engine) => logins.every((login) => login.engine !== engine));
  await settleAll(
    ...logins.map((login) => ensurePart(paths, databasePart(paths, login), deadline).then(note(login.engine))),
    ...unused.map((engine) => endPart(paths, engine)),
  );
}

async function startProviders(
  paths: SandboxPaths,
  info: SandboxInfo,
  lastPorts: Readonly<Record<string, number>>,
  deadline: number,
  note: (part: Ensured<"providers">) => Ensured<"providers">,
): Promise<Record<string, number>> {
  if (info.plugins === "real") {
    await endPart(paths, "providers");
    return {};
  }
  // The driver, which the command provider starts, finds artifacts in the catalog.
  const env = { ...sandboxEnv(info), SITEFLEET_CATALOG: info.catalogDir };
  const part = providersPart(paths, env, lastPorts);
  return note(await ensurePart(paths, part, deadline)).facts.ports;
}

/** Writes the Pulumi configuration file, with the values of all secrets that come from configuration. */
async function writeConfig(
  paths: SandboxPaths,
  catalog: Catalog,
  secrets: SandboxSecrets,
  team: string,
  info: SandboxInfo,
): Promise<void> {
  const [owner = ""] = catalog.secrets.github.repository.split("/");
  const values = secretValues(
    catalog.secrets.entries,
    {
      sshPort: info.ssh.port,
      sshUser: info.ssh.user,
      sshPrivateKey: readFileSync(info.ssh.keyFile, "utf8"),
      mailDomain: catalog.services[0]?.zone ?? "example.org",
      databases: {
        ...(info.ports.mariadb === undefined ? {} : { mariadb: info.ports.mariadb }),
        ...(info.ports.postgresql === undefined ? {} : { postgresql: info.ports.postgresql }),
      },
      administrators: catalog.secrets.rotation?.administrators,
      databasePassword: secrets.databasePassword,
    },
    secrets.values,
  );
  writeAtomic(paths.secrets, JSON.stringify({ ...secrets, values }, null, 2));
  await writeConfigFile(paths.config, secrets.passphrase, {
    plain: {
      target: "sandbox",
      vercelTeam: team,
      cloudflareAccountId: secrets.cloudflareAccountId,
      githubOwner: owner,
      // The pause between two writes is for GitHub's own limits; 60 secrets would take a minute.
      githubWriteDelayMs: "0",
      // Every host of the catalog, so that none of the real ones is ever called from here.
      hosts: JSON.stringify(Object.fromEntries(catalog.hosts.map(({ key }) => [key, hostOverride(info)]))),
    },
    secrets: values,
  });
}

/** How the sandbox's one host is reached, whatever the catalog says of its own. */
function hostOverride({ ssh, urls, ports }: SandboxInfo): Record<string, unknown> {
  return {
    address: LOOPBACK,
    port: ssh.port,
    user: ssh.user,
    hostKey: ssh.hostKey,
    profile: ssh.profile,
    web: new URL(urls.web).origin,
    // By its socket, as a hoster's MariaDB is; without namespaces every program would look for the machine's own.
    mariadb:
      ssh.mode === "link" && ports.mariadb !== undefined
        ? { address: LOOPBACK, port: ports.mariadb }
        : { address: "localhost", port: 3306 },
    postgresql: { address: LOOPBACK, port: ports.postgresql ?? 5432 },
  };
}

function checkFaults(faults: FaultConfigInput | undefined): void {
  const parsed = faultConfigSchema.safeParse(faults ?? {});
  if (parsed.success) return;
  throw new SitefleetError({
    code: "sandbox.faults",
    message: "The configuration of faults is not valid",
    details: parsed.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`),
    hint: "docs/reference/sandbox.md describes it",
  });
}

/** What the running cloud process was told to do wrong; undefined when there is none. */
async function faultsOf(info: SandboxInfo | undefined): Promise<FaultConfigInput | undefined> {
  if (info === undefined) return undefined;
  const answer = (await getJson(`${info.urls.control}/faults`)) as { config?: unknown } | undefined;
  return faultConfigSchema.safeParse(answer?.config).data;
}

async function putFaults(info: SandboxInfo, faults: FaultConfigInput): Promise<void> {
  const headers = { "content-type": "application/json" };
  await fetch(`${info.urls.control}/faults`, { method: "PUT", headers, body: JSON.stringify(faults) });
}

/** Like Promise.all, but only after all are settled: nothing may still be starting when a failure is cleaned up. */
async function settleAll<const T extends readonly Promise<unknown>[]>(
  ...all: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(all);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return Promise.all(all);
}

/** @throws SitefleetError `sandbox.account` */
function accountKind(options: StartOptions): AccountKind {
  const wanted = options.account ?? environment().SITEFLEET_SANDBOX_HOST ?? "";
  const kind = ACCOUNT_KINDS.find((name) => name === (wanted === "" ? "generic" : wanted));
  if (kind !== undefined) return kind;
  throw new SitefleetError({
    code: "sandbox.account",
    message: `The sandbox's SSH host cannot be of kind ${wanted}`,
    hint: `SITEFLEET_SANDBOX_HOST is one of ${ACCOUNT_KINDS.join(", ")}`,
    exitCode: 2,
  });
}
