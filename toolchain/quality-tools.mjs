import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";

// npm run quality:tools: puts the tools of `sitefleet quality run` that most installations do without into .toolchain/quality: all, or
// those that are named (`-- lighthouse`).
const GITLEAKS = "v8.30.1";

const home = join(root, ".toolchain/quality");
mkdirSync(join(home, "bin"), { recursive: true });

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: home, stdio: "inherit", env: { ...process.env, ...env } });
  if (error?.code === "ENOENT") console.error(`${command} is not installed`);
  return status === 0;
}

const TOOLS = {
  // Exactly what the lock file names, and no script of a package: none of these needs one.
  lighthouse() {
    for (const name of ["package.json", "package-lock.json"])
      copyFileSync(join(root, "toolchain/lighthouse", name), join(home, name));
    return run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
  },
  gitleaks() {
    const module = `github.com/zricethezav/gitleaks/v8@${GITLEAKS}`;
    return run("go", ["install", module], { GOBIN: join(home, "bin") });
  },
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in TOOLS));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", ")}; there are ${Object.keys(TOOLS).join(", ")}`);
  process.exitCode = 2;
} else {
  const wanted = Object.entries(TOOLS).filter(([name]) => named.length === 0 || named.includes(name));
  const done = wanted.map(([name, install]) => [name, install()]);
  console.error(done.map(([name, ok]) => `${name}: ${ok ? "ready" : "failed"}`).join("; "));
  process.exitCode = done.every(([, ok]) => ok) ? 0 : 1;
}
