import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hasS3Server, s3Server } from "../../toolchain/s3-server.mjs";
import { HAS_POSTGRESQL, startPostgresql } from "../unit/plesk/support/databases.ts";
import { freePort, until } from "../unit/plesk/support/sshd.ts";
import { tempDir } from "../unit/plesk/support/temp.ts";

/** A state backend of a test's own, on loopback. */
export interface TestBackend {
  /** For PULUMI_BACKEND_URL. */
  readonly url: string;
  /** Credentials, for the engine and for us. */
  readonly env: Readonly<Record<string, string>>;
  /** A secret that must not be printed anywhere. */
  readonly secret: string;
  stop(): Promise<void>;
}

/** How long the S3 server may take to be built, ms: 65 to 122 CPU-seconds, on a machine that tests other things meanwhile. */
export const BUILD_MS = 600_000;

/** Kinds of backend that this machine can start. */
export const BACKENDS = [
  { name: "S3", available: hasS3Server(), start: startS3 },
  { name: "PostgreSQL", available: HAS_POSTGRESQL, start: startPostgres },
] as const;

/** Starts an S3-compatible server with one bucket; stacks lie below a prefix of it. */
async function startS3(): Promise<TestBackend> {
  const program = await s3Server();
  if (program === undefined) throw new Error("the S3 server of the tests cannot be built: there is no go on PATH");
  const dir = tempDir("s3-");
  mkdirSync(join(dir, "state"));
  const port = await freePort();
  const [access, secret] = ["tests", randomBytes(16).toString("hex")];
  const server = spawn(program, [`127.0.0.1:${port}`, dir], {
    env: { ...process.env, ROOT_ACCESS_KEY: access, ROOT_SECRET_KEY: secret },
    stdio: "ignore",
  });
  const exited = new Promise((resolve) => server.once("exit", resolve));
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }).then(
      () => true,
      () => false,
    );
  await until("the S3 server answers", ask, 60);
  return {
    url: `s3://state/estate?endpoint=127.0.0.1:${port}&disableSSL=true&s3ForcePathStyle=true&region=us-east-1`,
    env: { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret },
    secret,
    async stop() {
      server.kill("SIGKILL");
      await exited;
    },
  };
}

/** Starts PostgreSQL with a database whose owner has a password. */
async function startPostgres(): Promise<TestBackend> {
  const server = await startPostgresql();
  const secret = randomBytes(16).toString("hex");
  server.sql(`CREATE ROLE fleet LOGIN PASSWORD '${secret}'`);
  server.sql("CREATE DATABASE state OWNER fleet");
  return {
    url: `postgres://fleet:${secret}@127.0.0.1:${server.port}/state?sslmode=disable`,
    env: {},
    secret,
    stop: () => server.stop(),
  };
}
