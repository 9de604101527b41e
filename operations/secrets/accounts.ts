import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { type Catalog, DEFAULT_ROTATION, FIRST, generationsOf, loginOf, type Rotation } from "../../model/index.ts";
import { type AccountLook, type AccountTarget, lookAtAccounts } from "../../plesk/index.ts";
import type { Tools } from "../kit/operation.ts";
import type { ServiceEvent } from "../plesk/services/events.ts";
import { rotationValues } from "../plesk/services/secrets.ts";
import { openTargets } from "../plesk/services/targets.ts";

/** A database's password among the secrets, with what its rotation is about. */
export interface DatabaseSecret {
  readonly name: string;
  readonly service: string;
  readonly engine: "mariadb" | "postgresql";
  /** Name of the account. */
  readonly owner: string;
  readonly rotation: Rotation;
}

/** The passwords of databases that the catalog declares. Pure. */
export function databaseSecrets({ secrets, services }: Catalog): DatabaseSecret[] {
  return secrets.entries.flatMap(({ name, database, rotation = FIRST }) => {
    const service = services.find(({ key }) => key === database?.service);
    if (database?.part !== "password" || service?.database === undefined) return [];
    const { engine, user } = service.database;
    return [{ name, service: service.key, engine, owner: user, rotation }];
  });
}

/** Generations whose names an account may have: one of each turn. */
const NAMES = [1, 2, 3];

/**
 * The accounts behind passwords, with all values that are known. Opens the services of the secrets alone.
 *
 * @throws SitefleetError `plesk.secrets` when the values cannot be read
 */
export async function accountTargets(
  tools: Pick<Tools<ServiceEvent>, "estate" | "emit">,
  catalog: Catalog,
  secrets: readonly DatabaseSecret[],
): Promise<AccountTarget[]> {
  // No key would stand for all services.
  if (secrets.length === 0) return [];
  const keys = secrets.map(({ service }) => service);
  const [{ targets }, values] = await Promise.all([
    openTargets(tools, keys, { databases: "required" }),
    rotationValues(tools.estate.configFile),
  ]);
  const { administrators } = catalog.secrets.rotation ?? DEFAULT_ROTATION;
  return secrets.map(({ name, service, engine, owner, rotation }): AccountTarget => {
    const target = targets.find((one) => one.service.key === service);
    const location = catalog.services.find(({ key }) => key === service)?.database?.location;
    const declared = administrators.find((one) => one.engine === engine && one.location === location);
    const [user, password] = [declared?.userSecret, declared?.passwordSecret].map((secret) =>
      secret === undefined ? undefined : environment()[secret] || values.config[secret],
    );
    const { since, connection, window } = rotation;
    const logins = generationsOf(rotation).flatMap((generation) => {
      const value =
        values.other[`${name}/${generation}`] ?? (generation === rotation.current ? values.shared[name] : undefined);
      return value === undefined
        ? []
        : [{ generation, user: loginOf(owner, engine, generation, rotation), password: value }];
    });
    if (target?.database === undefined || logins.length === 0) {
      const message = "its database's password is not known yet";
      throw new SitefleetError({ code: "secrets.rotation", subject: name, message, hint: "sitefleet up --stack prod" });
    }
    return {
      ...target,
      account: {
        owner,
        names: [...new Set(NAMES.map((generation) => loginOf(owner, engine, generation, { window })))],
        logins,
        administrator: user && password ? { user, password } : undefined,
        mark:
          since === undefined
            ? undefined
            : { connection: connection ?? 0, secondsAgo: (Date.now() - Date.parse(since)) / 1000 },
      },
    };
  });
}

/** Looks at accounts, each by the name of its secret. */
export async function lookAtSecrets(
  secrets: readonly DatabaseSecret[],
  targets: readonly AccountTarget[],
  signal: AbortSignal,
): Promise<Map<string, AccountLook | { readonly error: unknown }>> {
  const outcomes = await lookAtAccounts(targets, { signal });
  return new Map(
    outcomes.map((outcome, index) => [
      (secrets[index] as DatabaseSecret).name,
      outcome.ok ? outcome.value : { error: outcome.error },
    ]),
  );
}
