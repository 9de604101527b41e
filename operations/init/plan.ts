import { stringify } from "yaml";
import { NEW_CELLS, secretsText } from "../../model/index.ts";
import { HOSTING } from "../../vendors/index.ts";
import { type Answers, type SiteAnswer, zoneOf } from "./answers.ts";

/** What was found out for the answers. */
export interface Resolved {
  /** Zone → how it is declared. */
  readonly modes: ReadonlyMap<string, "existing" | "create" | "skip">;
  /** Host of a site → its pinned commit. */
  readonly commits: ReadonlyMap<string, string>;
  /** Host key → public keys, as ssh-keyscan writes them without the address. */
  readonly hostKeys: ReadonlyMap<string, readonly string[]>;
}

/** Where an estate's files are. All absolute. */
export interface Places {
  readonly dir: string;
  readonly catalog: string;
  readonly configFile: string;
  readonly passphraseFile: string;
  readonly backend: string;
}

/** A file that an estate needs. */
export interface PlannedFile {
  /** Relative to the estate's directory. */
  readonly path: string;
  readonly text: string;
  /** @default 0o644 */
  readonly mode?: number;
  /** It is written anew each time: nothing in it is a person's. @default what is there stays */
  readonly ours?: boolean;
}

/** Head of the file that keeps the answers. */
export const KEPT = "# What sitefleet init was answered, without secrets; it goes on from here.\n";
/** Channel that new sites follow. */
const CHANNEL = "stable";

/** The files of an estate, but for what the engine writes. Pure. @param limits text of the project's limits.yaml */
export function planFiles(answers: Answers, resolved: Resolved, places: Places, limits: string): PlannedFile[] {
  const { zones = [], sites = [], secrets } = answers;
  const yaml = (path: string, head: string, value: object): PlannedFile => ({
    path: `catalog/${path}`,
    text: `# ${head}\n${stringify(value, { lineWidth: 0 })}`,
  });
  const declared = zones.map(({ name, kind }) => {
    const mode = resolved.modes.get(name) ?? "existing";
    // A wildcard does not answer for the apex.
    const apex = sites.some(({ host }) => host === name) && kind === "cname";
    return { name, kind, mode, records: apex ? [{ name: "@", ...HOSTING.apex }] : undefined };
  });
  const hosts = answers.hosts.map(({ fingerprint: _, keyFile: __, ...host }) => ({
    ...host,
    hostKey: resolved.hostKeys.get(host.key) ?? [],
  }));
  return [
    yaml("estate.yaml", "Stacks that sites are hashed into. Not to be changed once there are sites.", {
      cells: answers.cells ?? NEW_CELLS,
    }),
    yaml("zones.yaml", "The apex domains.", { zones: declared }),
    { path: "catalog/sites.csv", text: sitesCsv(sites, zones) },
    yaml("releases.yaml", "What each channel is pinned to.", releasesOf(sites, resolved.commits)),
    yaml("hosts.yaml", "The SSH hosts that services are deployed to.", { hosts }),
    yaml("services.yaml", "What is deployed to the hosts.", { services: [] }),
    {
      path: "catalog/secrets.yaml",
      text: `# The secrets and where each comes from. No value stands here.\n${secretsOf(secrets, hosts.length > 0)}`,
    },
    { path: "catalog/limits.yaml", text: limits },
    { path: "env.sh", text: envFile(answers, places), ours: true },
    { path: "init.yaml", text: `${KEPT}${stringify(answers)}`, mode: 0o600, ours: true },
    { path: ".gitignore", text: "/passphrase\n/tokens/\n/state/\n/init.yaml\n" },
  ];
}

function sitesCsv(sites: readonly SiteAnswer[], zones: readonly { readonly name: string }[]): string {
  const rows = sites.map(({ host, repository, rootDirectory, framework }) => {
    const zone = zoneOf(host, zones) ?? "";
    const name = host === zone ? "@" : host.slice(0, -zone.length - 1);
    return [name, zone, "own", repository, rootDirectory, framework ?? "", CHANNEL, ""].join(",");
  });
  return ["name,zone,project,repository,root_directory,framework,channel,tags", ...rows, ""].join("\n");
}

/** The commit of most repositories is the channel's own; the others are named. Pure. */
function releasesOf(sites: readonly SiteAnswer[], commits: ReadonlyMap<string, string>): object {
  const byRepository = new Map(
    sites.map(({ host, repository }) => [repository.toLowerCase(), commits.get(host) ?? ""]),
  );
  const [ref = ""] = byRepository.values();
  const others = [...byRepository]
    .filter(([, commit]) => commit !== ref)
    .map(([repository, commit]) => [repository, { ref: commit }]);
  const repositories = others.length === 0 ? {} : { repositories: Object.fromEntries(others) };
  return { channels: { [CHANNEL]: { ref, ...repositories } } };
}

function secretsOf(secrets: Answers["secrets"], hosts: boolean): string {
  const values = secrets?.values ?? {};
  const key =
    hosts && values.SSH_PRIVATE_KEY === undefined ? [{ name: "SSH_PRIVATE_KEY", source: "config" as const }] : [];
  const entries = Object.entries(values).map(([name, from]) =>
    "file" in from
      ? { name, source: "config" as const }
      : { name, source: "generated" as const, bytes: from.generated },
  );
  return secretsText(secrets?.repository ?? "", secrets?.environment ?? "", [...key, ...entries]);
}

/** A text in single quotes, as every shell reads it. Pure. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What a shell needs to work on the estate. Pure. */
function envFile({ tokens }: Answers, places: Places): string {
  const plain = {
    SITEFLEET_CATALOG: places.catalog,
    SITEFLEET_CONFIG_FILE: places.configFile,
    PULUMI_BACKEND_URL: places.backend,
    PULUMI_CONFIG_PASSPHRASE_FILE: places.passphraseFile,
  };
  return [
    "# Written by sitefleet init each time: leads a shell to this estate. Use: . ./env.sh",
    "unset PULUMI_CONFIG_PASSPHRASE",
    ...Object.entries(plain).map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...Object.entries(tokens).map(([name, path]) => `export ${name}="$(cat ${quoted(path)})"`),
    "",
  ].join("\n");
}

/** The keys that a configuration file lacks. Pure. @param file its content */
export function missingKeys(file: Readonly<Record<string, unknown>>, answers: Answers): Record<string, string> {
  const config = (file.config ?? {}) as Readonly<Record<string, unknown>>;
  const wanted = { ...(answers.target === undefined ? {} : { target: answers.target }), ...answers.settings };
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([key, value]) =>
      config[`sitefleet:${key}`] === undefined ? [[`sitefleet:${key}`, value]] : [],
    ),
  );
}
