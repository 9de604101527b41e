import { type DeployDocumentInput, SERVICE_FIELDS } from "../../plesk/input.ts";

/** How a host is reached; nothing of it is secret. */
export interface Server {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Public keys, each `type base64`. At least one: nothing is trusted on first use. */
  readonly hostKey: readonly string[];
  readonly profile: NonNullable<DeployDocumentInput["host"]["profile"]>;
  /** Services at a time. */
  readonly parallel: number;
  /** Where its web server is asked for a service; undefined = under the service's own name. */
  readonly web?: string;
}

type Fields = DeployDocumentInput["service"];

/** What the driver needs to know of a service, as data: its fields as the driver's schema has them, and what they are for. */
export interface ServiceSpec extends Readonly<Omit<Fields, "kind" | "exclude" | "shared" | "commands">> {
  /** Host name, full, in lower case. */
  readonly host: string;
  /** Decides steps, shared paths and web root. */
  readonly kind: NonNullable<Fields["kind"]>;
  /** Patterns that are never uploaded and never deleted. */
  readonly exclude: readonly string[];
  /** Paths that outlive releases, beside the kind's. @default none */
  readonly shared?: readonly string[];
  /** Steps of its own. @default none */
  readonly commands?: readonly ReadonlyStep[];
  /** Smoke test after the switch. @default none */
  readonly health?: {
    readonly path: string;
    readonly status: number;
    readonly release: boolean;
    readonly withinSeconds: number;
  };
  /** Its database, without what is secret. @default none */
  readonly database?: {
    readonly engine: "mariadb" | "postgresql";
    readonly name: string;
    readonly scratch: string | null;
    readonly keep: number;
  };
  /** Safeguards lifted, each for one release. @default none */
  readonly allow?: readonly { readonly safeguard: Safeguard; readonly release: string }[];
  /** What becomes of it when it is taken out. @default "retire" */
  readonly onRemoval?: "retire" | "protect" | "delete-files";
  /** Directory of the built artifact: `catalog/…` wherever the catalog lies (see `artifactPlace`), or absolute. */
  readonly artifactDir: string;
  /** sha-256 over the artifact's content: what makes a release. */
  readonly artifactDigest: string;
  /** Must manifest, SBOM and provenance lie beside it? @default "optional" */
  readonly attested?: "required" | "optional";
}

type Step = NonNullable<Fields["commands"]>[number];
type ReadonlyStep = Readonly<Omit<Step, "argv">> & { readonly argv: readonly string[] };
type Safeguard = NonNullable<DeployDocumentInput["allow"]>[number];

/** How a database is reached from the host. */
export interface Access {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** What a service needs that may be secret; everything is optional, since reading needs less than deploying. */
export interface Secrets {
  /** Without it the ssh-agent is asked. */
  readonly privateKey?: string;
  readonly access?: Access;
  /** Further variables of the service's `.env`; left out, the file is left alone. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The driver's document for a service. Pure: the same data give the same text. */
export function documentOf(spec: ServiceSpec, server: Server, secrets: Secrets, owner: string): DeployDocumentInput {
  const { privateKey, access, env } = secrets;
  const { web, hostKey, ...host } = server;
  const { database, health } = spec;
  const variables = env && { ...(database && access ? databaseEnv(database, access) : {}), ...env };
  return {
    host: { ...host, hostKey: hostKey.join("\n"), ...(privateKey === undefined ? {} : { privateKey }) },
    service: serviceOf(spec),
    ...(database && access
      ? {
          database: {
            ...database,
            host: access.address,
            port: access.port,
            user: access.user,
            password: access.password,
          },
        }
      : {}),
    artifact: { dir: spec.artifactDir, digest: spec.artifactDigest, attested: spec.attested ?? "optional" },
    ...(variables ? { env: sorted(variables) } : {}),
    ...(health
      ? {
          health: {
            url: `${web ?? `https://${spec.host}`}${health.path}`,
            ...(web === undefined ? {} : { host: spec.host }),
            status: health.status,
            release: health.release,
            withinSeconds: health.withinSeconds,
          },
        }
      : {}),
    allow: [...liftedFor(spec), ...(spec.onRemoval === "delete-files" ? (["delete-files"] as const) : [])],
    owner,
  };
}

const DEFAULTS: Partial<Fields> = { shared: [], keep: 5, steps: "kind", commands: [] };

/** The fields that the driver's schema has. */
function serviceOf(spec: ServiceSpec): Fields {
  const values: Readonly<Record<string, unknown>> = { ...spec };
  const given = SERVICE_FIELDS.map((field) => [field, values[field] ?? DEFAULTS[field]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Fields;
}

/** Safeguards that are lifted for just this release: what a person allowed once holds for no other content. */
function liftedFor({ allow, artifactDigest }: ServiceSpec): Safeguard[] {
  const lifted = (allow ?? []).filter(({ release }) => artifactDigest.startsWith(release));
  return [...new Set(lifted.map(({ safeguard }) => safeguard))].sort();
}

const SCHEMES = { mariadb: "mysql", postgresql: "postgresql" } as const;

/** The variables under which frameworks look for their database. */
function databaseEnv(
  { engine, name }: NonNullable<ServiceSpec["database"]>,
  { address, port, user, password }: Access,
): Record<string, string> {
  const host = address.includes(":") ? `[${address}]` : address;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return {
    DATABASE_URL: `${SCHEMES[engine]}://${login}@${host}:${port}/${name}`,
    DB_HOST: address,
    DB_NAME: name,
    DB_PASSWORD: password,
    DB_PORT: String(port),
    DB_USER: user,
  };
}

function sorted(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)));
}
