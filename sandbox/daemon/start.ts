import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Catalog, loadCatalog } from "../../catalog/index.ts";
import { SitefleetError } from "../../errors/index.ts";
// Not the whole core: that loads the HTTP servers, which only the cloud process needs.
import { type FaultConfigInput, faultConfigSchema } from "../core/fault-config.ts";
import { DEFAULT_PROFILE, prepareHostTree } from "../ssh/index.ts";
import { writeConfigFile } from "./config-file.ts";
import { type Ensured, ensurePart } from "./ensure.ts";
import { sandboxEnv } from "./env.ts";
import { writeAtomic } from "./files.ts";
import { type PartName, readInfo, readPorts, type SandboxInfo } from "./info.ts";
import { withLock } from "./lock.ts";
import { cloudPart } from "./part-cloud.ts";
import { providersPart } from "./part-providers.ts";
import { sshPart } from "./part-sshd.ts";
import { type SandboxPaths, sandboxDir, sandboxPaths } from "./paths.ts";
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
  const plugins = options.plugins ?? (process.env.SITEFLEET_PLUGINS === "real" ? "real" : "stand-in");
  const team = options.team ?? "MarketingFunnelEmpire";
  const secrets = ensureSecrets(paths.secrets);
  const last = readPorts(paths.ports);
  const profile = { ...DEFAULT_PROFILE, root: catalog.hosts[0]?.root ?? DEFAULT_PROFILE.root };
  const servicePaths = catalog.services.map((service) => service.path);
  prepareHostTree(paths.host, profile, servicePaths);
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  const settings = cloudSettings(catalog, secrets, {
    team,
    proxy: plugins === "real",
    ports: last.servers,
    faults: options.faults,
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
      ensurePart(paths, sshPart(paths, profile, servicePaths, last.servers.ssh), deadline).then(note("sshd")),
    );
    const attached: SandboxInfo = {
      version: 1,
      pid: cloud.pid,
      dir: paths.dir,
      catalogDir: resolve(options.catalogDir),
      plugins,
      startedAt: (cloud.fresh ? undefined : readInfo(paths.dir)?.startedAt) ?? new Date().toISOString(),
      ports: { ...cloud.facts.ports, ssh: sshd.facts.port },
      urls: urlsOf(cloud.facts.ports),
      providers: {},
      ssh: sshd.facts,
      ...(cloud.facts.caFile === undefined ? {} : { caFile: cloud.facts.caFile }),
    };
    const config = writeConfig(paths, catalog, secrets, team, attached);
    const [providers] = await settleAll(
      startProviders(paths, attached, last.providers, deadline, note("providers")),
      config,
    );
    if (!cloud.fresh && options.faults !== undefined) await putFaults(attached, options.faults);
    const info = { ...attached, providers };
    writeAtomic(paths.info, JSON.stringify(info, null, 2));
    writeAtomic(paths.ports, JSON.stringify({ servers: info.ports, providers: { ...last.providers, ...providers } }));
    return info;
  } catch (error) {
    for (const name of fresh) await endPart(paths, name);
    throw error;
  }
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
  const part = providersPart(paths, sandboxEnv(info), lastPorts);
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
function hostOverride({ ssh, urls }: SandboxInfo): Record<string, unknown> {
  return {
    address: "127.0.0.1",
    port: ssh.port,
    user: ssh.user,
    hostKey: ssh.hostKey,
    profile: "generic",
    web: new URL(urls.web).origin,
  };
}

function checkFaults(faults: FaultConfigInput | undefined): void {
  const parsed = faultConfigSchema.safeParse(faults ?? {});
  if (parsed.success) return;
  throw new SitefleetError({
    code: "sandbox.faults",
    message: "The configuration of faults is not valid",
    details: parsed.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`),
    hint: "docs/sandbox.md describes it",
  });
}

async function putFaults(info: SandboxInfo, faults: FaultConfigInput): Promise<void> {
  const headers = { "content-type": "application/json" };
  await fetch(`${info.urls.control}/faults`, { method: "PUT", headers, body: JSON.stringify(faults) });
}

/** Like Promise.all, but only after all are settled: nothing may still be starting when a failure is cleaned up. */
async function settleAll<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === "rejected") throw first.reason;
  if (second.status === "rejected") throw second.reason;
  return [first.value, second.value];
}
