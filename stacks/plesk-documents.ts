import { type Access, documentOf, type Server } from "../components/plesk-service/document.ts";
import { SitefleetError } from "../errors/index.ts";
import { type HostOverrides, overrideHosts, requireHostKeys } from "../model/hosts.ts";
import type { Host } from "../model/index.ts";
import type { DeployDocumentInput } from "../plesk/input.ts";
import type { AccessState, PleskState, ServiceState } from "./desired.ts";

/** Values by name, as far as they are known: of the configuration, and of the shared stack's output `secrets`. */
export interface KnownSecrets {
  readonly config: Readonly<Record<string, string>>;
  readonly shared: Readonly<Record<string, string>>;
}

/** The part of a host that its services' documents hold. */
export function serverOf({ address, port, user, hostKey, profile, parallel, web }: Host): Server {
  return { address, port, user, hostKey, profile, parallel, web };
}

/** The services of these keys, in the catalog's order; all when none is named. @throws SitefleetError `service.unknown` */
export function chooseServices(state: PleskState, keys: readonly string[]): readonly ServiceState[] {
  const unknown = keys.filter((key) => state.services.every((service) => service.key !== key));
  if (unknown.length > 0) {
    throw new SitefleetError({
      code: "service.unknown",
      message: `${unknown.join(", ")} ${unknown.length === 1 ? "is no service" : "are no services"} of this catalog`,
      hint: `services are ${state.services.map(({ key }) => key).join(", ")}`,
    });
  }
  return keys.length === 0 ? state.services : state.services.filter(({ key }) => keys.includes(key));
}

/**
 * The driver's documents for services, as their components would make them from the same values. Pure.
 *
 * A database whose credentials are not known is only named, so that a plan knows of its snapshot and does not log in to it; then the
 * `.env` is left alone.
 *
 * @param owner Prefix of the owner, `<project>/<stack>`.
 * @throws SitefleetError `settings.hosts`, `host.unpinned`
 */
export function documentsOf(
  state: PleskState,
  services: readonly ServiceState[],
  overrides: HostOverrides,
  known: KnownSecrets,
  owner: string,
): DeployDocumentInput[] {
  const hosts = new Map(overrideHosts(state.hosts, overrides).map((host) => [host.key, host]));
  const hostOf = ({ server }: ServiceState): Host => hosts.get(server) as Host;
  requireHostKeys([...new Set(services.map(hostOf))]);
  return services.map((service) => {
    const host = hostOf(service);
    const privateKey = known.config[host.keySecret];
    const access = service.access && service.database && accessOf(service.access, service.database.engine, host, known);
    const complete = service.access === undefined || access !== undefined;
    const secrets = {
      privateKey,
      ...(access ? { access } : service.access ? { access: UNKNOWN } : {}),
      env: complete ? {} : undefined,
    };
    return documentOf(service, serverOf(host), secrets, `${owner}/${service.key}`);
  });
}

/** Stands for credentials that are not known. The driver asks no database without a password. */
const UNKNOWN: Access = { address: "localhost", port: 1, user: "-", password: "" };

function accessOf(
  { server, userSecret, passwordSecret }: AccessState,
  engine: "mariadb" | "postgresql",
  host: Host,
  { config, shared }: KnownSecrets,
): Access | undefined {
  const [user, password] = [shared[userSecret], shared[passwordSecret]];
  if (user === undefined || password === undefined) return undefined;
  if (server === "host") return { ...host[engine], user, password };
  const address = config[server.addressSecret];
  if (address === undefined) return undefined;
  return { address, port: Number(config[server.portSecret] ?? server.port), user, password };
}
