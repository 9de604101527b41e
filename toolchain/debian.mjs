import { spawnSync } from "node:child_process";
import { SetupError, say } from "./log.mjs";
import { versions, which } from "./paths.mjs";
import { spawned } from "./spawned.mjs";

/** The Debian packages that this machine lacks, of the sandbox's or of others. Empty where there is no dpkg. */
export function missingPackages(wanted = versions.debian) {
  if (which("dpkg-query", process.env.PATH ?? "") === undefined) return [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...wanted], {
    encoding: "utf8",
  });
  const installed = new Set(
    (query.stdout ?? "")
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** Installs what is missing when root; otherwise says the exact command. */
export async function installPackages() {
  if (which("dpkg-query", process.env.PATH ?? "") === undefined) {
    say(`not a Debian machine: the sandbox needs the programs of ${versions.debian.join(", ")}`);
    return;
  }
  const missing = missingPackages();
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0) {
    throw new SetupError(`the sandbox needs Debian packages: ${missing.join(", ")}`, `run: sudo ${command}`);
  }
  say(`installing Debian packages: ${missing.join(", ")}`);
  if (await apt(missing)) return;
  throw new SetupError("the Debian packages could not be installed", `run: apt-get update && ${command}`);
}

/** Installs what tests alone use. Where that cannot be, they are left out, and say so themselves. */
export async function installTestPackages() {
  const missing = missingPackages(versions.debianTests);
  if (missing.length === 0) return;
  say(`installing Debian packages for tests: ${missing.join(", ")}`);
  if (process.getuid?.() !== 0 || !(await apt(missing)))
    say(`they could not be installed, tests that need them are left out: ${missing.join(", ")}`);
}

async function apt(packages) {
  // A policy file that forbids service starts: the sandbox starts its own servers on free ports.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const get = async (...args) => (await spawned("apt-get", args, { env }).catch(() => 1)) === 0;
  const options = ["-o", "DPkg::Lock::Timeout=120", "-qq", "-y", "--no-install-recommends"];
  if (await get(...options, "install", ...packages)) return true;
  return (await get("-qq", "update")) && (await get(...options, "install", ...packages));
}
