import type { DeployDocumentInput } from "../../plesk/input.ts";

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

/** What the driver needs to know of a service, as data. */
export interface ServiceSpec {
  readonly key: string;
  /** Host name, full, in lower case. */
  readonly host: string;
  /** Document root on the host, absolute. */
  readonly path: string;
  /** Decides steps, shared paths and web root. */
  readonly kind: NonNullable<DeployDocumentInput["service"]["kind"]>;
  /** Directory inside the artifact that is served. @default the kind's */
  readonly webRoot?: string;
  /** Patterns that are never uploaded and never deleted. */
  readonly exclude: readonly string[];
  /** Paths that outlive releases, beside the kind's. @default none */
  readonly shared?: readonly string[];
  /** Good releases kept. @default 5 */
  readonly keep?: number;
  /** Whether the steps of the kind run. @default "kind" */
  readonly steps?: "kind" | "none";
  /** Steps of its own. @default none */
  readonly commands?: DeployDocumentInput["service"]["commands"];
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
    service: {
      key: spec.key,
      path: spec.path,
      kind: spec.kind,
      ...(spec.webRoot === undefined ? {} : { webRoot: spec.webRoot }),
      exclude: [...spec.exclude],
      shared: [...(spec.shared ?? [])],
      keep: spec.keep ?? 5,
      steps: spec.steps ?? "kind",
      commands: spec.commands ?? [],
    },
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
