import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sodium from "libsodium-wrappers";
import { request } from "undici";
import { type Catalog, loadCatalog, type Service } from "../../../../model/index.ts";
import { type DeployDocumentInput, deploy, parseDocument } from "../../../../plesk/index.ts";
import { type SandboxInfo, startSandbox, stopSandbox } from "../../../../sandbox/control.ts";
import type { FaultConfigInput } from "../../../../sandbox/core/index.ts";
import { readSecrets } from "../../../../sandbox/daemon/secrets.ts";
import { type Engine, sql } from "../../../../sandbox/databases/index.ts";
import type { HostBehaviourInput } from "../../../../sandbox/host/behaviour.ts";

const run = promisify(execFile);

/** What the inventory says of a service with a release. */
export interface LiveService {
  readonly id: string;
  readonly release: string;
  readonly schema: string | null;
}

/** A sandbox of a test's own with the project's catalog, and the passwords that an estate would have set. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "sandbox-host-"));
  readonly dir = join(this.folder, "sb");
  readonly catalog: Catalog = loadCatalog("catalog");
  readonly passwords = new Map<string, string>();
  info!: SandboxInfo;

  async start(): Promise<void> {
    this.info = await startSandbox({ dir: this.dir, catalogDir: "catalog", plugins: "stand-in", timeoutMs: 90_000 });
  }

  async remove(): Promise<void> {
    await stopSandbox({ dir: this.dir });
    rmSync(this.folder, { recursive: true, force: true });
  }

  service(key: string): Service {
    const found = this.catalog.services.find((service) => service.key === key);
    if (found === undefined) throw new Error(`no service ${key}`);
    return found;
  }

  /** Writes a secret of the GitHub environment as the provider does. */
  async setSecret(name: string, value: string): Promise<void> {
    const { repository, environment } = this.catalog.secrets.github;
    const base = `${this.info.urls.github}repos/${repository}/environments/${environment}`;
    await this.#github(base, {});
    const { key, key_id } = (await this.#github(`${base}/secrets/public-key`)) as { key: string; key_id: string };
    await sodium.ready;
    const sealed = sodium.crypto_box_seal(Buffer.from(value), Buffer.from(key, "base64"));
    await this.#github(`${base}/secrets/${name}`, { encrypted_value: Buffer.from(sealed).toString("base64"), key_id });
  }

  async #github(url: string, body?: unknown): Promise<unknown> {
    const { githubToken } = readSecrets(join(this.dir, "secrets.json"));
    const init = body === undefined ? {} : { method: "PUT", body: JSON.stringify(body) };
    const answer = await fetch(url, { ...init, headers: { authorization: `Bearer ${githubToken}` } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** The same for the password of a service's database user, which is made up. */
  async setPassword(key: string, password = `pw-${key}-"\\ $x`): Promise<string> {
    this.passwords.set(key, password);
    await this.setSecret(this.service(key).database?.passwordSecret ?? "", password);
    return password;
  }

  async control(path: string, method = "GET", body?: unknown): Promise<unknown> {
    const answer = await fetch(new URL(path, this.info.urls.control), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  faults(config: FaultConfigInput): Promise<unknown> {
    return this.control("/faults", "PUT", config);
  }

  behave(input: HostBehaviourInput): Promise<unknown> {
    return this.control("/host", "PUT", input);
  }

  async live(key: string): Promise<LiveService | undefined> {
    const inventory = (await this.control("/inventory?vendor=host")) as { host: { services: LiveService[] } };
    return inventory.host.services.find(({ id }) => id === key);
  }

  /** Runs a command on the host. */
  async ssh(command: string): Promise<string> {
    const config = join(this.dir, "ssh/config");
    return (await run("ssh", ["-F", config, "sandbox", command])).stdout;
  }

  /** Runs statements as the servers' administrator. */
  sql(engine: Engine, text: string, database?: string): Promise<string> {
    const { databasePassword: password } = readSecrets(join(this.dir, "secrets.json"));
    const login = { engine, port: this.info.ports[engine] ?? 0, password };
    return sql(login, text, database === undefined ? {} : { database });
  }

  /** Names of the tables of a service's database. */
  async tables(key: string): Promise<string[]> {
    const { engine = "mariadb", name = "" } = this.service(key).database ?? {};
    const schema = engine === "mariadb" ? "DATABASE()" : "'public'";
    const query = `SELECT table_name FROM information_schema.tables WHERE table_schema = ${schema};`;
    return (await this.sql(engine, query, name))
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  }

  /** The driver's document for a service, as the estate would make it. */
  document(key: string, dir = `catalog/${this.service(key).artifact}`): DeployDocumentInput {
    const { path, kind, exclude, database, host } = this.service(key);
    const { ssh, ports, urls } = this.info;
    const plesk = database?.location === "plesk";
    const access = {
      host: plesk ? "localhost" : "127.0.0.1",
      port: plesk ? 3306 : (ports[database?.engine ?? "mariadb"] ?? 0),
      user: database?.user ?? "",
      password: this.passwords.get(key) ?? "",
    };
    const scheme = database?.engine === "postgresql" ? "postgresql" : "mysql";
    const login = `${access.user}:${encodeURIComponent(access.password)}`;
    return {
      host: {
        address: "127.0.0.1",
        port: ports.ssh,
        user: ssh.user,
        privateKey: readFileSync(ssh.keyFile, "utf8"),
        hostKey: ssh.hostKey,
        profile: ssh.profile,
      },
      service: { key, path, kind, exclude: [...exclude], steps: "kind" },
      ...(database === undefined
        ? {}
        : { database: { ...access, engine: database.engine, name: database.name, scratch: database.scratch } }),
      artifact: { dir },
      env: {
        DATABASE_URL: `${scheme}://${login}@${access.host}:${access.port}/${database?.name ?? ""}`,
        DB_HOST: access.host,
        DB_PORT: String(access.port),
        DB_NAME: database?.name ?? "",
        DB_USER: access.user,
        DB_PASSWORD: access.password,
      },
      health: { url: `${urls.web}/`, host, release: true },
      lock: { leaseSeconds: 2, waitSeconds: 20 },
    };
  }

  deploy(key: string, dir?: string) {
    return this.deployDocument(this.document(key, dir));
  }

  /** The same with another document. */
  deployDocument(document: DeployDocumentInput) {
    return deploy(parseDocument(document));
  }

  /** Makes the names of all services in the zone of `docs` lead to the host. */
  async publish(): Promise<void> {
    const { cloudflareToken, cloudflareAccountId } = readSecrets(join(this.dir, "secrets.json"));
    const { zone } = this.service("docs");
    const post = async (path: string, body: unknown): Promise<{ id: string }> => {
      const headers = { authorization: `Bearer ${cloudflareToken}`, "content-type": "application/json" };
      const url = this.info.urls.cloudflare + path;
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as { result: { id: string } }).result;
    };
    const { id } = await post("/zones", { name: zone, account: { id: cloudflareAccountId } });
    await post(`/zones/${id}/dns_records`, { type: "A", name: `*.${zone}`, content: "192.0.2.1", ttl: 1 });
  }

  /** Asks the host's web server for a service. */
  async ask(key: string, path = "/"): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
    const { statusCode, headers, body } = await request(this.info.urls.web + path, {
      headers: { host: this.service(key).host },
    });
    return { status: statusCode, text: await body.text(), headers };
  }
}
