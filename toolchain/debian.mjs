import { spawnSync } from "node:child_process";
import { SetupError, say } from "./log.mjs";
import { versions, which } from "./paths.mjs";
import { spawned } from "./spawned.mjs";

/** The Debian packages of the sandbox that this machine lacks. Empty where there is no dpkg. */
export function missingPackages() {
  if (which("dpkg-query", process.env.PATH ?? "") === undefined) return [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...versions.debian], {
    encoding: "utf8",
  });
  const installed = new Set(
    (query.stdout ?? "")
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return versions.debian.filter((name) => !installed.has(name));
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
  // A policy file that forbids service starts: the sandbox starts its own servers on free ports.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const apt = async (...args) => (await spawned("apt-get", args, { env }).catch(() => 1)) === 0;
  const options = ["-o", "DPkg::Lock::Timeout=120", "-qq", "-y", "--no-install-recommends"];
  if (await apt(...options, "install", ...missing)) return;
  if ((await apt("-qq", "update")) && (await apt(...options, "install", ...missing))) return;
  throw new SetupError("the Debian packages could not be installed", `run: apt-get update && ${command}`);
}
