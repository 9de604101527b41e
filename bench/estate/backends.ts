import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInfo, sandboxPaths } from "../../sandbox/control.ts";
import { readSecrets } from "../../sandbox/daemon/secrets.ts";
import { ADMINISTRATOR, sql } from "../../sandbox/databases/index.ts";
import { hasS3Server } from "../../toolchain/s3-server.mjs";
import { type DelayingProxy, delayingProxy, steadyMessages, steadyRequests } from "../measure/delaying-proxy.ts";
import { openBucket } from "./bucket.ts";

/** Where an estate keeps its stacks, as far away as it is said. */
export interface Backend {
  /** Points `sitefleet` and the engine at it. */
  readonly env: Readonly<Record<string, string>>;
  readonly proxy: DelayingProxy;
  close(): Promise<void>;
}

/** A bucket of the S3 server of the tests; undefined where it cannot be built. Counted is what does not follow from a run's time. @param roundTrip ms */
export async function bucket(roundTrip: number): Promise<Backend | undefined> {
  if (!hasS3Server()) return undefined;
  let proxy: DelayingProxy | undefined;
  const { env, close } = await openBucket(async (port) => {
    proxy = await delayingProxy(port, roundTrip, steadyRequests);
    return proxy.port;
  });
  if (proxy === undefined) throw new Error("the bucket has no proxy before it");
  return farAway(env, proxy, close);
}

/** A table in the sandbox's own PostgreSQL; undefined where the sandbox has none. @param sandbox its directory */
export async function table(roundTrip: number, sandbox: string): Promise<Backend | undefined> {
  const port = readInfo(sandbox)?.ports.postgresql;
  if (port === undefined) return undefined;
  const { databasePassword: password } = readSecrets(sandboxPaths(sandbox).secrets);
  await sql({ engine: "postgresql", port, password }, "CREATE DATABASE bench_state;");
  const proxy = await delayingProxy(port, roundTrip, steadyMessages);
  const env = {
    PULUMI_BACKEND_URL: `postgres://${ADMINISTRATOR}@127.0.0.1:${proxy.port}/bench_state?sslmode=disable`,
    PGPASSWORD: password,
  };
  return farAway(env, proxy, async () => {});
}

/** A backend behind a proxy, used from a machine with a folder of its own. @param close ends what is behind the proxy */
function farAway(env: Backend["env"], proxy: DelayingProxy, close: () => Promise<void>): Backend {
  const machine = mkdtempSync(join(tmpdir(), "sitefleet-bench-machine-"));
  return {
    env: { ...env, SITEFLEET_STATE_DIR: machine },
    proxy,
    async close() {
      await proxy.close();
      await close();
      rmSync(machine, { recursive: true, force: true });
    },
  };
}
