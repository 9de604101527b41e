import { join } from "node:path";
import { readBackendUrl } from "../store/backend-url.ts";
import { fileBackend } from "../store/file-backend.ts";
import { engineReader, type Reading } from "../store/look.ts";
import type { Store } from "../store/store.ts";

/** Something in a folder of the backend. */
interface Listed {
  readonly name: string;
  /** Not a file, but something else in its place that cannot be read. @default false */
  readonly directory?: boolean;
  /** Changes with the content; undefined in a directory. */
  readonly version?: string | undefined;
}

/** The beginning of a file. */
export interface Head {
  readonly text: string;
  /** Nothing comes after it. */
  readonly whole: boolean;
  /** Changes with the content of the file; undefined in a directory. */
  readonly version?: string | undefined;
}

/** The engine's files in a directory, bucket or table, by their paths below the backend's address. Reads only. */
export interface BackendFiles {
  readonly kind: Store["kind"];
  /** What lies directly in a folder; none when there is no such folder. */
  list(folder: string): Promise<Listed[]>;
  /** The paths of all that lies below a folder. */
  below(folder: string): Promise<string[]>;
  /** Undefined when it is not there. */
  bytes(path: string): Promise<Uint8Array | undefined>;
  /** The first bytes as text; undefined when it is not there. */
  head(path: string, bytes: number): Promise<Head | undefined>;
  /** As people find it; without passwords. */
  named(path: string): string;
  /** A shell command that copies one over the other. */
  copyCommand(from: string, to: string): string;
}

/**
 * Where the engine keeps its files; undefined for backends that cannot be read from here (Pulumi Cloud, Google's, Azure's).
 *
 * @throws SitefleetError `store.unreachable` from what it returns
 */
export async function backendFiles(env: NodeJS.ProcessEnv): Promise<BackendFiles | undefined> {
  const store = await engineReader(env);
  return store && { kind: store.kind, ...readIn(store), ...wordsFor(env) };
}

function readIn(store: Reading): Pick<BackendFiles, "list" | "below" | "bytes" | "head"> {
  return {
    below: async (folder) => (await store.list(`${folder}/`)).map(({ key }) => key),
    async list(folder) {
      const listed = (await store.list(`${folder}/`)).map(({ key, ...one }) => ({
        ...one,
        name: key.slice(folder.length + 1),
      }));
      const names = listed.map(({ name }) => name);
      // Of what lies deeper only the folder is told, once.
      const folders = new Set(names.flatMap((name) => (name.includes("/") ? [name.slice(0, name.indexOf("/"))] : [])));
      const files = listed
        .filter(({ name }) => !name.includes("/"))
        .map(({ name, version }): Listed => ({ name, version }));
      return [...files, ...[...folders].map((name): Listed => ({ name, directory: true }))];
    },
    bytes: async (path) => (await store.bytes(path))?.content,
    async head(path, bytes) {
      // One byte more says whether there is more.
      const found = await store.head(path, bytes + 1);
      if (found === undefined) return undefined;
      const { content, version } = found;
      return { text: content.slice(0, bytes), whole: Buffer.byteLength(content) <= bytes, version };
    },
  };
}

/** How people find and copy a file. */
function wordsFor(env: NodeJS.ProcessEnv): Pick<BackendFiles, "named" | "copyCommand"> {
  const url = env.PULUMI_BACKEND_URL ?? "";
  const dir = fileBackend(env);
  if (dir !== undefined) {
    return {
      named: (path) => join(dir, path),
      copyCommand: (from, to) => `cp -p ${quoted(join(dir, from))} ${quoted(join(dir, to))}`,
    };
  }
  const address = readBackendUrl(url);
  const named = (path: string) =>
    address.kind === "s3" ? `s3://${address.bucket}/${address.prefix}${path}` : `${rowOf(address, path)}`;
  return {
    named,
    copyCommand(from, to) {
      if (address.kind === "s3") {
        const endpoint = address.endpoint === undefined ? "" : ` --endpoint-url ${address.endpoint}`;
        return `aws s3 cp ${named(from)} ${named(to)}${endpoint}`;
      }
      if (address.kind !== "postgres") return "";
      const key = (path: string) => `'${(address.prefix + path).replaceAll("'", "''")}'`;
      const sql = `INSERT INTO ${address.table} (key, data) SELECT ${key(to)}, data FROM ${address.table} WHERE key = ${key(from)} ON CONFLICT (key) DO UPDATE SET data = excluded.data, updated_at = now()`;
      // A password comes from PGPASSWORD or PGPASSFILE.
      const url = address.connection.replace(/\?.*$/, "").replace(/^(\w+:\/\/[^:/@]*):[^@]*@/, "$1@");
      return `psql ${quoted(url)} -c "${sql}"`;
    },
  };
}

function rowOf(address: ReturnType<typeof readBackendUrl>, path: string): string {
  return address.kind === "postgres" ? `table ${address.table}, key ${address.prefix}${path}` : path;
}

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
