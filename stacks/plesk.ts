import * as pulumi from "@pulumi/pulumi";
import { type Host, overrideHosts, requireHostKeys } from "../catalog/index.ts";
import type { Access } from "../components/plesk-service/document.ts";
import { lookAtServices, settled } from "../components/plesk-service/look.ts";
import type { Deployed } from "../components/plesk-service/plan.ts";
import { PleskService } from "../components/plesk-service/plesk-service.ts";
import { describePreview, type Preview } from "../components/plesk-service/preview.ts";
import { SitefleetError } from "../errors/index.ts";
import { parseDocument } from "../plesk/input.ts";
import { refuseUnusableKeys } from "../plesk/key/refuse.ts";
import { specDigest } from "../plesk/spec.ts";
import type { Declared, Part } from "./declared.ts";
import type { AccessState, PleskState, ServiceState } from "./desired.ts";
import { chooseServices, documentsOf, serverOf } from "./plesk-documents.ts";
import { makeProviders } from "./providers.ts";
import { readSettings, type Settings } from "./settings.ts";
import { openShared, type SharedReader } from "./shared-outputs.ts";

/** The program of the hosts: their services. In a preview the hosts are asked what an update would do. */
export async function pleskProgram(state: PleskState, part?: Part): Promise<Declared> {
  const settings = readSettings([], requiredSecrets(state));
  const hosts = new Map(overrideHosts(state.hosts, settings.hosts).map((host) => [host.key, host]));
  requireHostKeys([...hosts.values()]);
  // Before anything else: in a login every key that cannot be read looks like a refusal by the host.
  const secrets = await settled(settings.secrets);
  const from = "sitefleet:secrets of the configuration";
  const names = [...new Set([...hosts.values()].map(({ keySecret }) => keySecret))].sort();
  refuseUnusableKeys(names.map((secret) => ({ secret, from, text: secrets[secret] ?? "" })));
  const providers = await makeProviders(settings, ["cloudflare", "command"]);
  const shared = await openShared(["zones", "secrets"]);
  const hostOf = ({ server }: ServiceState): Host => hosts.get(server) as Host;
  const keyOf = (service: ServiceState) => settings.secrets.apply((all) => all[hostOf(service).keySecret] ?? "");
  const previews = pulumi.runtime.isDryRun()
    ? await look(state, part?.services ?? [], settings, shared, providers.command)
    : new Map<string, Preview>();

  const deployed: Record<string, pulumi.Output<Deployed>> = {};
  for (const service of state.services) {
    const { key, zone, access, server: _, ...spec } = service;
    const host = hostOf(service);
    const preview = previews.get(key);
    const args = {
      key,
      ...spec,
      server: serverOf(host),
      privateKey: keyOf(service),
      ...(access && spec.database ? { access: accessOf(access, spec.database.engine, host, settings, shared) } : {}),
      ...(zone === undefined ? {} : { zoneId: shared.get("zones", zone) }),
      ...(preview ? { preview } : {}),
    };
    deployed[key] = new PleskService(key, args, { providers }).deployed;
  }
  refuse(previews);
  // What the engine was told to leave alone (`--target`) has the outputs of its last deployment.
  const declared = Object.fromEntries(state.services.map(({ key, artifactDigest }) => [key, artifactDigest]));
  const complete = pulumi
    .output(deployed)
    .apply((all) => Object.entries(declared).every(([key, digest]) => all[key]?.release === digest));
  return { outputs: { services: state.services.length, deployed }, shared: shared.values, complete };
}

/** Names of the secrets that must be configured: of every host its key, and where the databases elsewhere are. */
export function requiredSecrets({ hosts, services }: PleskState): string[] {
  const servers = services.flatMap(({ access }) =>
    access === undefined || access.server === "host" ? [] : [access.server.addressSecret],
  );
  return [...new Set([...hosts.map(({ keySecret }) => keySecret), ...servers])].sort();
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
  const [looks, recorded, declared] = await Promise.all([
    lookAtServices(documents, provider),
    recordedDeployments(),
    settled(specs),
  ]);
  return new Map([...looks].map(([key, look]) => [key, { look, due: recorded[key]?.spec !== declared[key] }]));
}

/** What this stack's last updates brought, by service. */
async function recordedDeployments(): Promise<Readonly<Record<string, Deployed>>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const details = await new pulumi.StackReference("self", { name }).getOutputDetails("deployed");
  return details.value ?? details.secretValue ?? {};
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
    hint: "nothing was changed; docs/plesk.md explains each code",
  });
}
