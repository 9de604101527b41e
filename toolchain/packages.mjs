import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError, say } from "./log.mjs";
import { nodeBinary, root } from "./paths.mjs";

/** Installs the pinned npm packages from the lockfile, and the Node that one of them carries. */
export function installPackages() {
  say("installing the pinned npm packages");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    // The plugins' own install scripts would try to download them; the engine does that when it needs to.
    env: { ...process.env, npm_config_engine_strict: "false" },
  });
  if (npm.error) throw new SetupError(`npm could not be started: ${npm.error.message}`, "install npm 10 or newer");
  if (npm.status !== 0) throw new SetupError("npm ci failed", "read npm's message above; `npm ci` alone repeats it");
  ensureNode();
}

/** An npm that skips install scripts leaves the `node` package without its binary: run that one script ourselves. */
function ensureNode() {
  if (existsSync(nodeBinary)) return;
  const script = join(root, "node_modules", "node", "installArchSpecificPackage.js");
  spawnSync(process.execPath, [script], { cwd: join(root, "node_modules", "node"), stdio: ["ignore", 2, 2] });
  if (!existsSync(nodeBinary)) {
    throw new SetupError(
      "the npm package `node` came without its binary",
      "allow its install script: npm rebuild node",
    );
  }
}
