import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { installPackages as installDebian, installTestPackages, missingPackages } from "./debian.mjs";
import { installEngine, writeLauncher } from "./engine.mjs";
import { SetupError, say } from "./log.mjs";
import { installPackages } from "./packages.mjs";
import { binDir, nodeBinary, root, stampFile, versions } from "./paths.mjs";

/** Files whose content decides whether a part of the set-up is still good. */
const inputs = {
  packages: ["package-lock.json"],
  engine: [
    "toolchain/engine.mjs",
    "toolchain/engine/go.mod",
    "toolchain/engine/go.sum",
    "toolchain/language-nodejs/go.mod",
    "toolchain/language-nodejs/go.sum",
  ],
};

function digest(files, also = "") {
  const hash = createHash("sha256").update(also);
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return `${process.platform}-${process.arch}-${hash.digest("hex")}`;
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

function writeStamp(stamp) {
  mkdirSync(dirname(stampFile), { recursive: true });
  const temporary = `${stampFile}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(temporary, stampFile);
}

/** Makes the programs anew when a source has changed; without them every command starts from its sources. */
async function preparePrograms() {
  // Not at the top: what it uses is installed by this very set-up.
  const { bundlePrograms, programsAreCurrent } = await import("./bundle.mjs");
  if (programsAreCurrent()) return;
  try {
    await bundlePrograms();
  } catch (error) {
    say(`the programs could not be bundled, they start from their sources: ${error.message}`);
  }
}

/**
 * Brings the machine to where every command of the project works. A second run only compares digests.
 *
 * @param tests also what tests alone use
 */
export async function setup(tests = false) {
  const started = Date.now();
  const stamp = readStamp();
  const packages = digest(inputs.packages);
  const engine = digest(inputs.engine, JSON.stringify(versions.pulumi));
  const present = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"].every((name) =>
    existsSync(join(binDir, name)),
  );
  const parts = [];
  if (stamp.packages !== packages || !existsSync(nodeBinary))
    parts.push(async () => {
      await installPackages();
      stamp.packages = packages;
    });
  if (stamp.engine !== engine || !present)
    parts.push(async () => {
      stamp.engineFrom = await installEngine();
      await writeLauncher();
      stamp.engine = engine;
    });
  const debian = missingPackages().length > 0;
  const forTests = tests && missingPackages(versions.debianTests).length > 0;
  // One after the other: apt holds a lock.
  if (debian || forTests)
    parts.push(async () => {
      if (debian) await installDebian();
      if (forTests) await installTestPackages();
    });
  // At once: npm and apt wait for the network while Go uses the processors. A part that is done need not be done again.
  const ends = await Promise.allSettled(parts.map((part) => part().then(() => writeStamp(stamp))));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  await preparePrograms();
  const worked = parts.length > 0;
  if (worked) say(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await setup(process.argv.includes("--tests"));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`setup failed: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ""}`);
    process.exitCode = 1;
  }
}
