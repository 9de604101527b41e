import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../sandbox/machine/ports.ts";
import { s3Server } from "../../toolchain/s3-server.mjs";

/** How long the server may take to answer, ms. */
const STARTS_MS = 30_000;

/** A bucket on loopback. */
export interface Bucket {
  /** Address and credentials, for engine and commands. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Starts the S3 server of the tests with one empty bucket.
 *
 * @param before puts something before the server, and says where that listens. @default nothing
 * @throws Error where it cannot be built or does not answer
 */
export async function openBucket(before?: (port: number) => Promise<number>): Promise<Bucket> {
  const program = await s3Server();
  if (program === undefined) throw new Error("the S3 server cannot be built: there is no go on PATH");
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-bench-s3-"));
  mkdirSync(join(dir, "state"));
  const port = await freePort();
  const [access, secret] = ["bench", randomBytes(16).toString("hex")];
  const env = { ...process.env, ROOT_ACCESS_KEY: access, ROOT_SECRET_KEY: secret };
  const server = spawn(program, [`127.0.0.1:${port}`, dir], { env, stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const close = async () => {
    server.kill("SIGKILL");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const until = Date.now() + STARTS_MS;
  while (!(await fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false))) {
    if (Date.now() > until) {
      await close();
      throw new Error("the S3 server does not answer");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const at = before === undefined ? port : await before(port);
  const where = `endpoint=127.0.0.1:${at}&disableSSL=true&s3ForcePathStyle=true&region=us-east-1`;
  return {
    env: {
      PULUMI_BACKEND_URL: `s3://state/estate?${where}`,
      AWS_ACCESS_KEY_ID: access,
      AWS_SECRET_ACCESS_KEY: secret,
    },
    close,
  };
}
