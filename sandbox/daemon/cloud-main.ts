/** The cloud process: `node cloud-main.ts DIR`. Says in `run/cloud.listen.json` where it listens. */
import { existsSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { remove, writeAtomic } from "../machine/files.ts";
import { sandboxPaths } from "../machine/paths.ts";
import { startCloud } from "./cloud.ts";
import { boundLogs } from "./logs.ts";
import { readSettings } from "./settings.ts";

const dir = process.argv[2];
if (dir === undefined) throw new Error("usage: cloud-main.ts DIR");
process.umask(0o077);
const paths = sandboxPaths(dir);
const ready = join(paths.run, "cloud.listen.json");
const settings = readSettings(paths.settings);
const cloud = await startCloud(paths, settings);
const { ports, caFile, edgeCaFile } = cloud;
writeAtomic(
  ready,
  JSON.stringify({ pid: process.pid, ports, edgeCaFile, ...(caFile === undefined ? {} : { caFile }) }),
);
console.log(`${new Date().toISOString()} listening ${JSON.stringify(ports)}`);
// Now rather than at the end: a daemon is often killed.
flushCompileCache();

let stopping = false;
async function stop(why: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  console.log(`${new Date().toISOString()} stopping: ${why}`);
  // A client that holds a connection open must not keep the state from being written.
  await cloud.close();
  remove(ready);
  process.exit(0);
}
process.on("SIGTERM", () => void stop("SIGTERM"));
process.on("SIGINT", () => void stop("SIGINT"));
// A defect in one request must not take the whole sandbox down; it is in the log.
process.on("uncaughtException", (error) => console.error("uncaught", error));
process.on("unhandledRejection", (error) => console.error("unhandled", error));

setInterval(() => {
  boundLogs(paths.logs);
  // The directory was deleted: no command can stop this process any more, and writing would bring the directory back.
  if (!existsSync(paths.settings)) void stop("the directory is gone");
}, 5000).unref();
