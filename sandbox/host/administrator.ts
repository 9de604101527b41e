import { randomBytes } from "node:crypto";
import {
  type Account,
  ADMINISTRATOR,
  type Engine,
  mariadbStatements,
  postgresqlStatements,
  type ServerLogin,
  sql,
  type Verifier,
  verifierOf,
} from "../databases/index.ts";
import type { HostBehaviour } from "./behaviour.ts";

/** What the administrator of the host's databases works with. */
export interface AdministratorParts {
  readonly accounts: readonly Account[];
  /** The servers; those that the accounts do not need may be missing. */
  readonly servers: readonly ServerLogin[];
  /** Password verifiers by service, as far as passwords have been set. */
  readonly verifiers: () => Readonly<Record<string, Verifier>>;
  readonly behaviour: () => HostBehaviour;
  readonly onError: (error: unknown) => void;
}

/** Keeps databases and their users as they should be, the way a panel does. */
export interface Administrator {
  /** Makes the accounts of these services right. @param services @default all */
  apply(services?: readonly string[]): Promise<void>;
  /** Waits until nothing is left to do. */
  idle(): Promise<void>;
}

/** Seconds between two attempts while a server does not answer. */
const RETRY_MS = 250;
/** Attempts before it is given up until the next change. */
const ATTEMPTS = 120;

/** Makes an {@link Administrator}. Changes run one after the other; those that wait are done together. */
export function createAdministrator(parts: AdministratorParts): Administrator {
  let waiting = new Set<string>();
  let tail = Promise.resolve();
  const run = async (): Promise<void> => {
    const services = waiting;
    waiting = new Set();
    if (services.size === 0) return;
    const accounts = parts.accounts.filter(({ service }) => services.has(service));
    await Promise.all(parts.servers.map((server) => applyTo(server, accounts, parts)));
  };
  const apply = (services = parts.accounts.map(({ service }) => service)): Promise<void> => {
    for (const service of services) waiting.add(service);
    tail = tail.then(run).catch(parts.onError);
    return tail;
  };
  return { apply, idle: () => tail };
}

async function applyTo(server: ServerLogin, accounts: readonly Account[], parts: AdministratorParts): Promise<void> {
  const here = accounts.filter(({ engine }) => engine === server.engine);
  if (here.length === 0) return;
  const text = here.flatMap((account) => statements(server.engine, account, parts)).join("\n");
  for (let attempt = 1; ; attempt++) {
    try {
      await sql(server, `${text}\n`);
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error;
      await new Promise((done) => setTimeout(done, RETRY_MS).unref());
    }
  }
}

function statements(engine: Engine, account: Account, parts: AdministratorParts): string[] {
  const { grants, wrongPasswords } = parts.behaviour();
  const { service } = account;
  const rights = grants[service] ?? "all";
  const wrong = wrongPasswords.includes(service) ? verifierOf(randomBytes(32)) : undefined;
  const verifier = wrong ?? parts.verifiers()[service];
  if (engine === "mariadb") return mariadbStatements(account, verifier, rights);
  return postgresqlStatements(account, verifier, rights, ADMINISTRATOR);
}
