import type { Host } from "../model/index.ts";
import type { PleskState, ServiceState } from "./desired.ts";
import { canonicalJson } from "./digest.ts";

/**
 * What a change of each field of a service does when its artifact stays as it is: the fields of services.yaml, one sentence each. A field
 * without an entry fails a test, so that no field is added without a word on what its change does.
 */
export const SERVICE_EFFECTS = {
  key: "another key is another service: the old one goes as its `onRemoval` says, the new one begins with nothing",
  host: "the DNS record of the old name goes and one of the new name is made; the host's web server must know the new name; files stay",
  server:
    "the service begins anew on the other host; on the old one everything stays and goes on being served, its shared data and databases included",
  path: "the service begins anew at the new path; the old document root stays live, and its shared data stays beside it",
  kind: "its shared paths hold at once, its steps with the next release",
  database: "see the fields of the database",
  mail: "nothing on the host",
  health: "the next check goes by it",
  proxied: "the DNS record is changed in place",
  exclude: "another choice of files is another release, which is deployed when it differs",
  artifact: "nothing, when the content is the same",
  attested: "the next deployment goes by it",
  build: "nothing on the host: how the artifact is made",
  after: "nothing on the host: when a rollout brings it",
  webRoot: "the document root leads there with the next release",
  shared: "at once: data is moved to shared/ and linked; what is no longer declared is refused while it holds data",
  keep: "the next clean-up goes by it",
  steps: "the steps of the next release",
  commands: "the steps of the next release",
  allow: "the safeguard is lifted for the release that it names",
  onRemoval: "what becomes of the service when it leaves the catalog",
} as const;

/** The same for the fields of a service's database. */
export const DATABASE_EFFECTS = {
  name: "checks and migrations run against the new one, the environment names it, what runs is started again; the old one stays as it is and nothing is copied",
  engine: "as another name: another database, to which nothing is copied",
  location: "as another name: another database, to which nothing is copied",
  scratch: "the next snapshot is proven there",
  keep: "the next clean-up goes by it",
  user: "the environment is written anew, and what runs is started again",
  userSecret: "the environment is written anew, and what runs is started again",
  passwordSecret: "the environment is written anew, and what runs is started again",
} as const;

/** The same for the fields of a service's health check. */
export const HEALTH_EFFECTS = {
  path: "the next check goes by it",
  status: "the next check goes by it",
  release: "the next check goes by it",
  withinSeconds: "the next check goes by it",
} as const;

/** The same for the fields of a host; they hold for every service on it. */
export const HOST_EFFECTS = {
  key: "as `server` of its services",
  address: "its services are deployed there; what lies at the old address stays and goes on being served",
  port: "the next connection goes by it",
  user: "its services are deployed by that account, which must see the same files",
  hostKey: "the next connection goes by it",
  keySecret: "the next connection goes by it",
  root: "nothing on the host: which paths the catalog accepts",
  profile: "what is refused beforehand, and the modes of the next release",
  parallel: "how many services are deployed at a time",
  origin: "the DNS records of its services are changed",
  web: "the next check goes by it",
  mariadb: "as another database, for services that have theirs there",
  postgresql: "as another database, for services that have theirs there",
} as const;

/** Fields of the state, by what a change of them does; null: told elsewhere, or no input of its own. */
const STATE_EFFECTS: Readonly<Record<keyof ServiceState, string | null>> = {
  key: null,
  host: SERVICE_EFFECTS.host,
  server: SERVICE_EFFECTS.server,
  path: SERVICE_EFFECTS.path,
  kind: SERVICE_EFFECTS.kind,
  webRoot: SERVICE_EFFECTS.webRoot,
  exclude: SERVICE_EFFECTS.exclude,
  shared: SERVICE_EFFECTS.shared,
  keep: SERVICE_EFFECTS.keep,
  steps: SERVICE_EFFECTS.steps,
  commands: SERVICE_EFFECTS.commands,
  health: SERVICE_EFFECTS.health,
  allow: SERVICE_EFFECTS.allow,
  onRemoval: SERVICE_EFFECTS.onRemoval,
  origin: HOST_EFFECTS.origin,
  proxied: SERVICE_EFFECTS.proxied,
  attested: SERVICE_EFFECTS.attested,
  zone: "the DNS record is made in the other zone",
  dns: "the DNS record is made at the other vendor, the old one's goes",
  database: DATABASE_EFFECTS.name,
  access: DATABASE_EFFECTS.userSecret,
  // The plan itemises what another content means.
  artifactDir: null,
  artifactDigest: null,
};

/** Characters of a value that a line shows. */
const SHOWN_VALUE = 80;

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : canonicalJson(value);
  return text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE - 1)}…` : text;
}

type Fields = Readonly<Record<string, unknown>>;

function differing(
  before: Fields,
  now: Fields,
  effects: Readonly<Record<string, string | null>>,
  prefix = "",
): string[] {
  return Object.entries(effects).flatMap(([field, effect]) => {
    const [old, next] = [before[field], now[field]];
    if (effect === null || canonicalJson([old ?? null]) === canonicalJson([next ?? null])) return [];
    return [`${prefix}${field}: ${shown(old)} -> ${shown(next)}: ${effect}`];
  });
}

const object = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

/** What differs in a service's declaration, and what each difference does; one line each. Pure. */
export function changedInputs(before: ServiceState, now: ServiceState, hosts: readonly [Host?, Host?] = []): string[] {
  const { database: _, health: __, ...rest } = STATE_EFFECTS;
  const [hostBefore, hostNow] = hosts;
  const sameServer = before.server === now.server;
  return [
    ...differing(before as unknown as Fields, now as unknown as Fields, rest),
    ...differing(object(before.database), object(now.database), DATABASE_EFFECTS, "database."),
    ...differing(object(before.health), object(now.health), HEALTH_EFFECTS, "health."),
    ...(sameServer && hostBefore && hostNow
      ? differing(object(hostBefore), object(hostNow), { ...HOST_EFFECTS, origin: null }, "host.")
      : []),
  ];
}

/**
 * The same for all services of a stack.
 *
 * @param desired The stack's output `desired` after its last update.
 * @returns lines by service; nothing of one that was not there before.
 */
export function changedInputsOf(desired: string | undefined, now: PleskState): Map<string, string[]> {
  let before: PleskState;
  try {
    before = JSON.parse(desired ?? "{}") as PleskState;
  } catch {
    // An output of another making says nothing.
    return new Map();
  }
  const services = new Map((before.services ?? []).map((service) => [service.key, service]));
  const hostOf = (state: PleskState, { server }: ServiceState) => state.hosts?.find(({ key }) => key === server);
  return new Map(
    now.services.flatMap((service): [string, string[]][] => {
      const old = services.get(service.key);
      return old === undefined
        ? []
        : [[service.key, changedInputs(old, service, [hostOf(before, old), hostOf(now, service)])]];
    }),
  );
}
