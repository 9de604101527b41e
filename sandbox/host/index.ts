import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Service } from "../../model/index.ts";
import type { Inventory, Vendor, VendorContext } from "../core/index.ts";
import { accountsOf } from "../databases/accounts.ts";
import { type ServerLogin, verifierOf, verifierSchema } from "../databases/index.ts";
import { createAdministrator } from "./administrator.ts";
import { behaviourSchema, type HostBehaviour, type HostBehaviourInput } from "./behaviour.ts";
import { liveRelease } from "./releases.ts";
import { schemaVersions } from "./schema-versions.ts";

/** What the host is made of. */
export interface HostParts {
  readonly services: readonly Service[];
  /** The host's file tree on this machine. */
  readonly tree: string;
  /** The database servers that run. */
  readonly servers: readonly ServerLogin[];
  /** Whether sessions reach MariaDB by its socket. */
  readonly socket: boolean;
  /** The web server's PHP, where there is one. */
  readonly php?: { keepCode(keep: boolean): void } | undefined;
}

/**
 * The Plesk host behind SSH: its database administrator, and what the stand-ins for drush, alembic and the like ask before each
 * thing they do, so that faults, latency and the log of requests hold for them too.
 */
export interface Host extends Vendor {
  behaviour(): HostBehaviour;
  /** Resolves when it is in force. @throws ZodError when it is not valid */
  setBehaviour(input: HostBehaviourInput): Promise<void>;
  /** Takes the password of a service's database user over, as the administrator of a real host would; waits for that, but not for ever. */
  secretArrived(name: string, value: Uint8Array): Promise<void>;
  /** Reads releases and schema versions anew for {@link Vendor.inventory}. */
  refresh(): Promise<void>;
  /** Makes databases and users right; for a start. */
  apply(): Promise<void>;
}

/** A database server that does not answer must not keep GitHub from answering. */
const PATIENCE_MS = 5000;

const stateSchema = z.object({ verifiers: z.record(z.string(), verifierSchema) });

/** Paths that the stand-ins ask: a tool begins, applies one migration, has done everything. */
const ROUTES = [
  "/tools/:service/:tool/:arguments",
  "/migrations/:service/:tool/:name",
  "/done/:service/:tool/:arguments",
];

/** Makes the host. */
export function createHost(context: VendorContext, parts: HostParts): Host {
  const accounts = accountsOf(parts.services, parts.socket);
  let { verifiers } = stateSchema.parse({ verifiers: {} });
  let behaviour = behaviourSchema.parse({});
  let schemas: ReadonlyMap<string, string> = new Map();
  const administrator = createAdministrator({
    accounts,
    servers: parts.servers,
    verifiers: () => verifiers,
    behaviour: () => behaviour,
    onError: (error) => console.error("host: databases", error),
  });
  return {
    name: "host",
    routes: ROUTES,
    // Faults answer before this is asked. A program that gets here may go on.
    fetch: async () => new Response("go on\n"),
    inventory: () => inventoryOf(parts, schemas),
    snapshot: () => ({ verifiers }),
    restore(state) {
      verifiers = stateSchema.parse(state).verifiers;
    },
    behaviour: () => behaviour,
    async setBehaviour(input) {
      const before = behaviour;
      behaviour = behaviourSchema.parse(input);
      parts.php?.keepCode(behaviour.php.staleCode);
      await administrator.apply(changedAccounts(before, behaviour));
    },
    async secretArrived(name, value) {
      const account = accounts.find(({ passwordSecret }) => passwordSecret === name);
      if (account === undefined) return;
      verifiers = { ...verifiers, [account.service]: verifierOf(value) };
      context.changed();
      await Promise.race([administrator.apply([account.service]), sleep(PATIENCE_MS, undefined, { ref: false })]);
    },
    async refresh() {
      await administrator.idle();
      schemas = await schemaVersions(parts.services, parts.servers);
    },
    apply: () => administrator.apply(),
  };
}

/** Services whose database user has to be changed. */
function changedAccounts(before: HostBehaviour, after: HostBehaviour): string[] {
  const named = [before, after].flatMap(({ grants, wrongPasswords }) => [...Object.keys(grants), ...wrongPasswords]);
  const of = ({ grants, wrongPasswords }: HostBehaviour, service: string): string =>
    JSON.stringify([grants[service] ?? "all", wrongPasswords.includes(service)]);
  return [...new Set(named)].filter((service) => of(before, service) !== of(after, service));
}

function inventoryOf({ services, tree }: HostParts, schemas: ReadonlyMap<string, string>): Inventory {
  const live = services.map(({ key, host, path, kind, database }) => ({
    id: key,
    name: host,
    kind,
    release: liveRelease(tree, { path }) ?? null,
    database: database?.name ?? null,
    schema: schemas.get(key) ?? null,
  }));
  return { services: live.filter(({ release }) => release !== null) };
}
