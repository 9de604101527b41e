import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError, say } from "./log.mjs";
import { nodeBinary, root } from "./paths.mjs";
import { spawned } from "./spawned.mjs";

/** Installs the pinned npm packages from the lockfile, and the Node that one of them carries. */
export async function installPackages() {
  say("installing the pinned npm packages");
  // The plugins' own install scripts would try to download them; the engine does that when it needs to.
  const env = { ...process.env, npm_config_engine_strict: "false" };
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const status = await spawned("npm", args, { cwd: root, env }).catch((error) => {
    throw new SetupError(`npm could not be started: ${error.message}`, "install npm 10 or newer");
  });
  if (status !== 0) throw new SetupError("npm ci failed", "read npm's message above; `npm ci` alone repeats it");
  await ensureNode();
}

/** An npm that skips install scripts leaves the `node` package without its binary: run that one script ourselves. */
async function ensureNode() {
  if (existsSync(nodeBinary)) return;
  const script = join(root, "node_modules", "node", "installArchSpecificPackage.js");
  await spawned(process.execPath, [script], { cwd: join(root, "node_modules", "node") });
  if (!existsSync(nodeBinary)) {
    throw new SetupError(
      "the npm package `node` came without its binary",
      "allow its install script: npm rebuild node",
    );
  }
}
