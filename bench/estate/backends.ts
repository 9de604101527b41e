import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readInfo, sandboxPaths } from "../../sandbox/control.ts";
import { readSecrets } from "../../sandbox/daemon/secrets.ts";
import { ADMINISTRATOR, sql } from "../../sandbox/databases/index.ts";
import { s3Server } from "../../toolchain/s3-server.mjs";
import { type DelayingProxy, delayingProxy, httpRequests, messages } from "../measure/delaying-proxy.ts";

/** Where an estate keeps its stacks, as far away as it is said. */
export interface Backend {
  /** Points `sitefleet` and the engine at it. */
  readonly env: Readonly<Record<string, string>>;
  readonly proxy: DelayingProxy;
  close(): Promise<void>;
}

/** A bucket of the S3 server of the tests; undefined where it cannot be built. @param roundTrip ms */
export async function bucket(roundTrip: number): Promise<Backend | undefined> {
  const program = await s3Server();
  if (program === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-s3-"));
  mkdirSync(join(dir, "state"));
  const [port, key] = [await freePort(), randomBytes(16).toString("hex")];
  const env = { ROOT_ACCESS_KEY: "bench", ROOT_SECRET_KEY: key };
  const server = spawn(program, [`127.0.0.1:${port}`, dir], { env: { ...process.env, ...env }, stdio: "ignore" });
  await answers(port);
  const proxy = await delayingProxy(port, roundTrip, httpRequests);
  const query = `endpoint=127.0.0.1:${proxy.port}&disableSSL=true&s3ForcePathStyle=true&region=us-east-1`;
  return {
    env: {
      PULUMI_BACKEND_URL: `s3://state/estate?${query}`,
      AWS_ACCESS_KEY_ID: "bench",
      AWS_SECRET_ACCESS_KEY: key,
      SITEFLEET_STATE_DIR: join(dir, "machine"),
    },
    proxy,
    async close() {
      await proxy.close();
      server.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A table in the sandbox's own PostgreSQL; undefined where the sandbox has none. @param sandbox its directory */
export async function table(roundTrip: number, sandbox: string): Promise<Backend | undefined> {
  const port = readInfo(sandbox)?.ports.postgresql;
  if (port === undefined) return undefined;
  const { databasePassword: password } = readSecrets(sandboxPaths(sandbox).secrets);
  await sql({ engine: "postgresql", port, password }, "CREATE DATABASE bench_state;");
  const proxy = await delayingProxy(port, roundTrip, messages);
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-pg-"));
  return {
    env: {
      PULUMI_BACKEND_URL: `postgres://${ADMINISTRATOR}@127.0.0.1:${proxy.port}/bench_state?sslmode=disable`,
      PGPASSWORD: password,
      SITEFLEET_STATE_DIR: join(dir, "machine"),
    },
    proxy,
    async close() {
      await proxy.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const there = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }).then(
      () => true,
      () => false,
    );
    if (there) return;
    await sleep(100);
  }
  throw new Error("the S3 server does not answer");
}
