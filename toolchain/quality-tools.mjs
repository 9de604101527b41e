import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";

// npm run quality:tools: puts the tools of `sitefleet quality run` that most installations do without into .toolchain/quality.
const LIGHTHOUSE = "13.5.0";
const GITLEAKS = "v8.30.1";

const home = join(root, ".toolchain/quality");
mkdirSync(join(home, "bin"), { recursive: true });
writeFileSync(
  join(home, "package.json"),
  `${JSON.stringify({ private: true, dependencies: { lighthouse: LIGHTHOUSE } })}\n`,
);

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: home, stdio: "inherit", env: { ...process.env, ...env } });
  if (error?.code === "ENOENT") console.error(`${command} is not installed`);
  return status === 0;
}

// No script of a package is run: none of these needs one.
const lighthouse = run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"]);
const module = `github.com/zricethezav/gitleaks/v8@${GITLEAKS}`;
const gitleaks = run("go", ["install", module], { GOBIN: join(home, "bin") });
console.error(`lighthouse: ${lighthouse ? "ready" : "failed"}; gitleaks: ${gitleaks ? "ready" : "failed"}`);
process.exitCode = lighthouse && gitleaks ? 0 : 1;
