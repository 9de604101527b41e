import { createServer } from "node:http";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { createApplications } from "../applications/index.ts";
import { createChat } from "../chat/index.ts";
import { serveMail } from "../chat/mail.ts";
import { createCloudflare } from "../cloudflare/index.ts";
import {
  createContext,
  createEventBus,
  createFaultController,
  createRequestLog,
  listen,
  nodeListener,
  type Persistence,
  persist,
  readState,
  type Served,
  serve,
  type Vendor,
  type VendorContext,
} from "../core/index.ts";
import { createGithub } from "../github/index.ts";
import { createHost } from "../host/index.ts";
import { writeAtomic } from "../machine/files.ts";
import type { SandboxPaths } from "../machine/paths.ts";
import { loadAuthority, startProxy } from "../proxy/index.ts";
import { TREE } from "../ssh/index.ts";
import { createVercel } from "../vercel/index.ts";
import { createPhp, serveRedirects, serveSecureWeb, serveWeb } from "../web/index.ts";
import { controlApi } from "./control-api.ts";
import type { SandboxPorts } from "./info.ts";
import type { CloudSettings } from "./settings.ts";
import { webSources } from "./web-sources.ts";

/** The vendors' APIs, the control API and the web, listening. */
export interface Cloud {
  readonly ports: Omit<SandboxPorts, "ssh">;
  /** Certificate bundle of the TLS proxy, when there is one. */
  readonly caFile?: string;
  /** The same for the hosts of the catalog, as browsers would find them. */
  readonly edgeCaFile: string;
  /** Writes the state a last time and stops listening. */
  close(): Promise<void>;
}

/** Starts everything of the sandbox that lives in one process. Takes over the state of an earlier run. */
export async function startCloud(paths: SandboxPaths, settings: CloudSettings): Promise<Cloud> {
  const startedAt = Date.now();
  const log = createRequestLog();
  const faults = createFaultController(settings.faults);
  const events = createEventBus((error) => console.error(error));
  const files = new Map<string, Persistence>();
  const contextFor = (name: string, extra: Partial<VendorContext> = {}): VendorContext =>
    createContext({ options: settings.options, events, changed: () => files.get(name)?.changed(), ...extra });

  const cloudflare = createCloudflare(contextFor("cloudflare"));
  const vercel = createVercel(contextFor("vercel", { dns: cloudflare.dns }));
  const { services, delegatedZones, account, mode, databases, environment } = settings;
  const php = createPhp({ hostTree: paths.host, profile: account, mode });
  const hostParts = { services, tree: paths.host, servers: databases, socket: mode !== "link", php };
  const host = createHost(contextFor("host"), hostParts);
  const secretArrived = async (place: string, name: string, value: Uint8Array): Promise<void> => {
    if (place === environment) await host.secretArrived(name, value);
  };
  const github = createGithub(contextFor("github", { secretArrived }));
  const chat = createChat(contextFor("chat"));
  const vendors: Vendor[] = [vercel, cloudflare, github, chat, host];
  const seeds = new Map(vendors.map((vendor) => [vendor.name, structuredClone(vendor.snapshot())]));
  for (const vendor of vendors) files.set(vendor.name, await attach(vendor, join(paths.data, `${vendor.name}.json`)));

  const open: Pick<Served, "close">[] = [];
  const start = async (
    what: keyof SandboxPorts,
    run: (port: number) => Promise<Pick<Served, "port" | "close">>,
  ): Promise<number> => {
    const served = await onPort(settings.ports[what], run);
    open.push(served);
    return served.port;
  };
  const parts = { log, faults };
  const ports = {
    vercel: await start("vercel", (port) => serve(vercel, { port, ...parts })),
    cloudflare: await start("cloudflare", (port) => serve(cloudflare, { port, ...parts })),
    github: await start("github", (port) => serve(github, { port, ...parts })),
    chat: await start("chat", (port) => serve(chat, { port, ...parts })),
    smtp: await start("smtp", (port) => serveMail(chat, port, faults)),
    host: await start("host", (port) => serve(host, { port, ...parts })),
    control: 0,
    web: 0,
    edge: 0,
    edgePlain: 0,
  };
  writeAtomic(join(paths.host, TREE.programs, "etc/port"), `${ports.host}\n`, 0o644);
  void host.apply();
  let caFile: string | undefined;
  const onRefused = (host: string): void => console.error(`proxy: refused ${host}`);
  const proxyPort = !settings.proxy
    ? undefined
    : await start("proxy", async (port) => {
        const proxy = await startProxy({ listener: nodeListener(vercel, parts), dir: paths.ca, port, onRefused });
        caFile = proxy.caFile;
        return proxy;
      });
  const reset = async (): Promise<void> => {
    for (const vendor of vendors) {
      vendor.restore(structuredClone(seeds.get(vendor.name)));
      files.get(vendor.name)?.changed();
    }
    await host.setBehaviour({});
    await host.apply();
    log.clear();
    faults.clear();
  };
  const api = controlApi({ vendors, vercel, host, faults, log, startedAt, reset });
  ports.control = await start("control", (port) =>
    listen(createServer(getRequestListener(api.fetch, { overrideGlobalObjects: false })), port, "127.0.0.1"),
  );
  const links = { "Control API": `http://127.0.0.1:${ports.control}/inventory` };
  const sources = webSources({
    vercel,
    dns: cloudflare.dns,
    vendors,
    services,
    delegatedZones,
    links,
    hostTree: paths.host,
    php,
    applications: createApplications({ servers: databases, smtpPort: ports.smtp }),
  });
  ports.web = await start("web", (port) => serveWeb(sources, port, faults));
  const zones = Object.keys(settings.options.cloudflare?.plans ?? {});
  const authority = await loadAuthority(paths.edgeCa, [...zones, "vercel.app"]);
  ports.edge = await start("edge", (port) => serveSecureWeb(sources, authority, zones, port, faults));
  ports.edgePlain = await start("edgePlain", (port) => serveRedirects(sources, port, faults));
  return {
    ports: { ...ports, ...(proxyPort === undefined ? {} : { proxy: proxyPort }) },
    ...(caFile === undefined ? {} : { caFile }),
    edgeCaFile: authority.caFile,
    async close() {
      php?.close();
      await Promise.all([vercel.close(), ...open.map((served) => served.close())]);
      await Promise.all([...files.values()].map((file) => file.close()));
    },
  };
}

/** Restores a vendor from its file and keeps the file up to date from then on. */
async function attach(vendor: Vendor, file: string): Promise<Persistence> {
  const saved = await readState(file);
  if (saved !== undefined) vendor.restore(saved.state, saved.changes);
  const snapshot = (): unknown => vendor.snapshot();
  const changes = (): unknown => vendor.changes?.();
  return persist({
    file,
    snapshot,
    changes,
    onError: (error) => console.error(`${vendor.name}: state not written`, error),
  });
}

/** Listens on the port of the last run; on any free one when another process has it by now. */
async function onPort<Open>(wanted: number | undefined, run: (port: number) => Promise<Open>): Promise<Open> {
  if (wanted === undefined) return run(0);
  try {
    return await run(wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return run(0);
  }
}
