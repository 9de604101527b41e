import { randomName } from "../../components/random-name.ts";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { readState } from "../../fleet/backend/states/versions.ts";
import { readConfigFile } from "../../fleet/run/needs/index.ts";
import { BY_HAND, type Catalog, DEFAULT_ROTATION, FIRST, type SecretEntry, secretsHome } from "../../model/index.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { SECRETS } from "../../vendors/index.ts";
import { type Phase, phaseOf } from "./machine.ts";

/** What is known of the estate's secrets; no value is among it. */
export interface SecretFacts {
  readonly catalog: Catalog;
  /** When each was last written at the vendor, ms since 1970; undefined where the environment is not there. */
  readonly live: ReadonlyMap<string, number> | undefined;
  /** When each was last written by us. */
  readonly ours: ReadonlyMap<string, number>;
  /** Names of the values of random secrets that the state has: `NAME`, and `NAME/value2` for the second. */
  readonly random: ReadonlySet<string>;
  /** Names that the configuration has a value of. */
  readonly configured: ReadonlySet<string>;
  /** ms since 1970. */
  readonly now: number;
}

/** Reads the catalog's secrets as they stand: in the state, in the configuration, at the vendor. @throws SitefleetError `secrets.unread` */
export async function secretFacts(catalog: Catalog, configFile: string): Promise<SecretFacts> {
  const { secrets: store, title } = SECRETS;
  if (store === undefined)
    throw new SitefleetError({
      code: "secrets.unread",
      message: `${title} does not list its secrets`,
      hint: "use another",
    });
  const home = secretsHome(catalog);
  const [stored, { resources }] = await Promise.all([store.list(home, environment()), readState(SHARED_STACK)]);
  const written = resources.flatMap((resource) => store.written(resource) ?? []);
  const prefix = `::${home.environment}/`;
  const random = resources.flatMap(({ urn, type }) =>
    type.startsWith("random:") && urn.includes(prefix) ? [urn.slice(urn.indexOf(prefix) + prefix.length)] : [],
  );
  const { config } = readConfigFile(configFile) as { readonly config?: Readonly<Record<string, unknown>> };
  return {
    catalog,
    live: stored && new Map(stored.map(({ name, updatedAt }) => [name, updatedAt])),
    ours: new Map(written.map(({ name, updatedAt }) => [name, updatedAt])),
    random: new Set(random),
    configured: new Set(Object.keys((config?.["sitefleet:secrets"] ?? {}) as object)),
    now: Date.now(),
  };
}

/** Where a value comes from. */
export const ORIGINS = ["generated", "configured", "imported", "declared", "by hand"] as const;
/** See {@link ORIGINS}. */
export type Origin = (typeof ORIGINS)[number];

/** Where a secret's value comes from: `declared` stands in the catalog, `by hand` at the vendor alone. Pure. */
export function originOf(entry: SecretEntry, configured: ReadonlySet<string>): Origin {
  const { name, source, value, database, rotation = FIRST } = entry;
  if (source === BY_HAND) return "by hand";
  if (database?.part === "user") return "declared";
  if (source === "config") return value !== undefined && !configured.has(name) ? "declared" : "configured";
  return configured.has(name) && rotation.current === 1 ? "imported" : "generated";
}

/** What the next update does with a secret. `kept` writes nothing; of a configured value only the engine knows whether it differs. */
export const WRITES = ["create", "update", "delete", "kept"] as const;

/** A secret as it stands, and what is to become of it. */
export interface PlannedSecret {
  readonly name: string;
  readonly origin: Origin;
  /** Where it goes. */
  readonly to: readonly string[];
  /** Days since it was last written; undefined while it is nowhere. */
  readonly ageDays?: number | undefined;
  readonly maxAgeDays?: number | undefined;
  readonly phase: Phase;
  readonly write: (typeof WRITES)[number];
}

const DAY_MS = 86_400_000;

/** Every secret of the catalog, and those that go. Pure. */
export function planSecrets(facts: SecretFacts): PlannedSecret[] {
  const { catalog, ours, live, random, configured, now } = facts;
  const { entries, rotation: rules = DEFAULT_ROTATION } = catalog.secrets;
  const at = `${SECRETS.title} environment ${secretsHome(catalog).environment}`;
  const planned = entries.map((entry): PlannedSecret => {
    const { name, source, database, rotation = FIRST, maxAgeDays = rules.maxAgeDays } = entry;
    const origin = originOf(entry, configured);
    const written = source === BY_HAND ? live?.get(name) : ours.get(name);
    const changes = origin === "generated" && !random.has(randomName(name, rotation.current));
    const service = catalog.services.find(({ key }) => key === database?.service);
    return {
      name,
      origin,
      to: [
        at,
        ...(service ? [`.env of ${service.key}`] : []),
        ...(database?.part === "password" && service?.database ? [`account of ${service.database.name}`] : []),
      ],
      ageDays: written === undefined ? undefined : Math.floor((now - written) / DAY_MS),
      // What is no secret does not get old.
      maxAgeDays: origin === "declared" ? undefined : maxAgeDays,
      phase: phaseOf(rotation),
      write: source === BY_HAND ? "kept" : written === undefined ? "create" : changes ? "update" : "kept",
    };
  });
  const declared = new Set(entries.flatMap(({ name, source }) => (source === BY_HAND ? [] : [name])));
  const kept = new Set(entries.map(({ name }) => name));
  const gone = [...ours.keys()].filter((name) => !declared.has(name));
  return [
    ...planned,
    ...gone.map(
      (name): PlannedSecret => ({
        name,
        origin: kept.has(name) ? "by hand" : "generated",
        to: [at],
        ageDays: Math.floor((now - (ours.get(name) as number)) / DAY_MS),
        phase: "steady",
        write: "delete",
      }),
    ),
  ];
}
