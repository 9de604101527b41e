import type { DeployDocument } from "../input.ts";
import type { Inspection } from "./inspection.ts";

/** A service whose environment on the host names another database than its document. */
export interface OtherDatabase {
  /** Name of the one that is left: it stays as it is, and nothing is copied. */
  readonly from: string;
  readonly to: string;
  /** What else differs. */
  readonly engine?: { readonly from: string; readonly to: string };
  readonly server?: { readonly from: string; readonly to: string };
}

/** Schemes of database URLs, as the document's environment has them. */
const scheme = (url: string | undefined): string | undefined => /^([a-z]+):/.exec(url ?? "")?.[1];

/**
 * Whether a deployment gives the service another database. What it has now is read from `shared/.env`, which the last deployment
 * wrote: what runs on the host goes by it. Another user or password is no other database. Pure.
 *
 * @returns undefined when it is the same, or when one of the two is not known
 */
export function otherDatabase(
  { env, database }: Pick<DeployDocument, "env" | "database">,
  { database: now }: Pick<Inspection, "database">,
): OtherDatabase | undefined {
  const name = env?.DB_NAME;
  if (database === undefined || env === undefined || name === undefined || now.DB_NAME === undefined) return undefined;
  const serverOf = (of: Readonly<Record<string, string>>) => `${of.DB_HOST ?? "?"}:${of.DB_PORT ?? "?"}`;
  const engines = [now.scheme, scheme(env.DATABASE_URL)] as const;
  const server = { from: serverOf(now), to: serverOf(env) };
  const moved = now.DB_HOST !== undefined && now.DB_PORT !== undefined && server.from !== server.to;
  const engine =
    engines[0] !== undefined && engines[1] !== undefined && engines[0] !== engines[1]
      ? { from: engines[0], to: engines[1] }
      : undefined;
  if (now.DB_NAME === name && !moved && engine === undefined) return undefined;
  return { from: now.DB_NAME, to: name, engine, server: moved ? server : undefined };
}
