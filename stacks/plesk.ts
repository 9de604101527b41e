import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../components/plesk-service/document.ts";
import { lookAtServices, settled } from "../components/plesk-service/look.ts";
import type { Deployed } from "../components/plesk-service/plan.ts";
import { PleskService } from "../components/plesk-service/plesk-service.ts";
import { describePreview, type Preview } from "../components/plesk-service/preview.ts";
import { SitefleetError } from "../errors/index.ts";
import { overrideHosts, requireHostKeys } from "../model/hosts.ts";
import type { Host } from "../model/index.ts";
import { parseDocument } from "../plesk/input.ts";
import { refuseUnusableKeys } from "../plesk/key/refuse.ts";
import { specDigest } from "../plesk/spec.ts";
import { keptArtifactNames, type NotedArtifacts } from "./artifact-labels.ts";
import type { Declared, Part } from "./declared.ts";
import type { AccessState, PleskState, ServiceState } from "./desired.ts";
import { ownOutputs } from "./own-outputs.ts";
import { chooseServices, documentsOf, serverOf } from "./plesk-documents.ts";
import { makeProviders, OpenDns } from "./providers.ts";
import { changedInputsOf } from "./service-inputs.ts";
import { readSettings, type Settings } from "./settings.ts";
import { openShared, type SharedReader } from "./shared-outputs.ts";

/** Where relative names of artifacts begin: the project's root, which is where the engine starts the driver. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The program of the hosts: their services. In a preview the hosts are asked what an update would do. */
export async function pleskProgram(declared: PleskState, part?: Part): Promise<Declared> {
  const recorded = await recordedDeployments();
  const kept = keptArtifactNames(declared.services, recorded, ROOT);
  const named = (service: ServiceState) => ({ ...service, artifactDir: kept.get(service.key) ?? service.artifactDir });
  const state = { ...declared, services: declared.services.map(named) };
  const adopting = part?.adopting === true;
  const settings = readSettings({ kind: "plesk", secrets: requiredSecrets(state) });
  const hosts = new Map(overrideHosts(state.hosts, settings.hosts).map((host) => [host.key, host]));
  requireHostKeys([...hosts.values()]);
  // Before anything else: in a login every key that cannot be read looks like a refusal by the host.
  const secrets = await settled(settings.secrets);
  const from = "sitefleet:secrets of the configuration";
  const names = [...new Set([...hosts.values()].map(({ keySecret }) => keySecret))].sort();
  refuseUnusableKeys(names.map((secret) => ({ secret, from, text: secrets[secret] ?? "" })));
  const dns = await OpenDns.open(zonesOf(state), settings);
  const providers = await makeProviders(settings, [...dns.providers, "command"]);
  const shared = await openShared(["zones", "secrets"]);
  const hostOf = ({ server }: ServiceState): Host => hosts.get(server) as Host;
  const keyOf = (service: ServiceState) => settings.secrets.apply((all) => all[hostOf(service).keySecret] ?? "");
  const previews = pulumi.runtime.isDryRun()
    ? await look(state, part?.services ?? [], settings, shared, recorded, providers.command)
    : new Map<string, Preview>();

  const deployed: Record<string, pulumi.Output<Noted>> = {};
  for (const service of state.services) {
    // In an adoption of what exists, one whose credentials or zone are not known stays out, and the others go on.
    if (adopting && !isKnown(service, shared)) continue;
    const { key, zone, dns: at, access, server: _, ...spec } = service;
    const host = hostOf(service);
    const preview = previews.get(key);
    const args = {
      key,
      ...spec,
      server: serverOf(host),
      privateKey: keyOf(service),
      access: access && spec.database ? accessOf(access, spec.database.engine, host, settings, shared) : undefined,
      dns: zone === undefined ? undefined : { vendor: dns.of({ dns: at }), zoneId: shared.get("zones", zone) },
      preview,
    };
    const brought = new PleskService(key, args, { providers }).deployed;
    const artifact = kept.get(key);
    deployed[key] = artifact === undefined ? brought : brought.apply((one) => ({ ...one, artifact }));
  }
  refuse(previews);
  // What the engine was told to leave alone (`--target`) has the outputs of its last deployment.
  const wanted = Object.fromEntries(state.services.map(({ key, artifactDigest }) => [key, artifactDigest]));
  const complete = pulumi
    .output(deployed)
    .apply((all) => Object.entries(wanted).every(([key, digest]) => all[key]?.release === digest));
  return { outputs: { services: state.services.length, deployed }, shared: shared.values, complete };
}

/** Where the services' zones are; the usual vendor where none has any, so that its provider stays what it was. */
function zonesOf({ services }: PleskState): { readonly dns?: string }[] {
  const zones = services.flatMap(({ zone, dns }) => (zone === undefined ? [] : [{ dns }]));
  return zones.length === 0 ? [{}] : zones;
}

/** Names of the secrets that must be configured: of every host its key, and where the databases elsewhere are. */
export function requiredSecrets({ hosts, services }: PleskState): string[] {
  const servers = services.flatMap(({ access }) =>
    access === undefined || access.server === "host" ? [] : [access.server.addressSecret],
  );
  return [...new Set([...hosts.map(({ keySecret }) => keySecret), ...servers])].sort();
}

/** Whether the shared stack has all that the service needs of it. */
function isKnown({ zone, access }: ServiceState, shared: SharedReader): boolean {
  const secrets = access ? [access.userSecret, access.passwordSecret] : [];
  return (zone === undefined || shared.has("zones", zone)) && secrets.every((secret) => shared.has("secrets", secret));
}

type AccessInputs = { readonly [Field in keyof Access]: pulumi.Input<Access[Field]> };

function accessOf(
  { server, userSecret, passwordSecret }: AccessState,
  engine: "mariadb" | "postgresql",
  host: Host,
  { secrets }: Settings,
  shared: SharedReader,
): AccessInputs {
  const login = { user: shared.get("secrets", userSecret), password: shared.get("secrets", passwordSecret) };
  if (server === "host") return { ...host[engine], ...login };
  return {
    address: secrets.apply((all) => all[server.addressSecret] ?? ""),
    port: secrets.apply((all) => Number(all[server.portSecret] ?? server.port)),
    ...login,
  };
}

/**
 * Asks the hosts what an update would do, and the stack what its last one did. Databases are asked as well when their credentials are
 * known: before the shared stack exists they are not.
 */
async function look(
  state: PleskState,
  keys: readonly string[],
  settings: Settings,
  shared: SharedReader,
  { deployed, desired }: Awaited<ReturnType<typeof recordedDeployments>>,
  provider: pulumi.ProviderResource | undefined,
): Promise<Map<string, Preview>> {
  const services = chooseServices(state, keys);
  const owner = `${pulumi.getProject()}/${pulumi.getStack()}`;
  const documents = settings.secrets.apply((config) =>
    documentsOf(state, services, settings.hosts, { config, shared: shared.values.secrets ?? {} }, owner),
  );
  const specs = documents.apply((all) =>
    Object.fromEntries(all.map((one) => [one.service.key, specDigest(parseDocument(one))])),
  );
  const [looks, declared] = await Promise.all([lookAtServices(documents, provider), settled(specs)]);
  const changed = changedInputsOf(desired, state);
  return new Map(
    [...looks].map(([key, look]) => [
      key,
      { look, due: deployed[key]?.spec !== declared[key], inputs: changed.get(key) ?? [] },
    ]),
  );
}

/** What an update brought, with the name of its artifact where that is an older one, see `keptArtifactNames`. */
type Noted = Deployed & { readonly artifact?: string };

/** What this stack's last updates brought, by service, and what was declared then. */
async function recordedDeployments(): Promise<NotedArtifacts & { readonly deployed: Readonly<Record<string, Noted>> }> {
  const { deployed = {}, desired } = await ownOutputs<{
    readonly deployed: Readonly<Record<string, Noted>>;
    readonly desired: string;
  }>();
  return { deployed, desired };
}

/** @throws SitefleetError `plesk.refused` with every reason of every service */
function refuse(previews: ReadonlyMap<string, Preview>): void {
  const details = [...previews].flatMap(([key, preview]) =>
    describePreview(preview).refusals.map((reason) => `${key}: ${reason}`),
  );
  if (details.length === 0) return;
  throw new SitefleetError({
    code: "plesk.refused",
    message: `an update would be refused for ${details.length === 1 ? "a reason" : `${details.length} reasons`}`,
    details,
    hint: "nothing was changed; docs/reference/services.md explains each code",
  });
}
