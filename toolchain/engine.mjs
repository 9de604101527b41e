import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SetupError, say } from "./log.mjs";
import { atLeast, binDir, outsidePath, root, versions, which } from "./paths.mjs";
import { spawned } from "./spawned.mjs";

const { pulumi } = versions;
const names = ["pulumi", "pulumi-language-nodejs"];
/** How long we try to reach the download host before we take it for unreachable. */
const REACH_MS = 4_000;
const DOWNLOAD_MS = 300_000;

/** Puts the engine and the Node language host into .toolchain/bin; returns where they came from. */
export async function installEngine() {
  mkdirSync(binDir, { recursive: true });
  if (await fromPath()) return "PATH";
  if (await fromDownload()) return "download";
  await fromModules();
  return "go modules";
}

/** Links a `pulumi` of the machine when it is new enough and has its language host beside it. */
async function fromPath() {
  const path = outsidePath();
  const found = names.map((name) => which(name, path));
  if (found.some((file) => file === undefined)) return false;
  const version = spawnSync(found[0], ["version"], { encoding: "utf8", timeout: 20_000 }).stdout ?? "";
  if (!atLeast(version, pulumi.minimum)) {
    say(`the pulumi on PATH (${version.trim() || "no version"}) is older than ${pulumi.minimum}; not used`);
    return false;
  }
  for (const [i, name] of names.entries()) await place(name, (target) => symlinkSync(found[i], target));
  say(`engine: pulumi ${version.trim()} from PATH`);
  return true;
}

/** The official download, when its host answers within seconds. */
async function fromDownload() {
  const os = { linux: "linux", darwin: "darwin" }[process.platform];
  const arch = { x64: "x64", arm64: "arm64" }[process.arch];
  if (os === undefined || arch === undefined) return false;
  const fill = (url) => url.replaceAll("{version}", pulumi.version).replace("{os}", os).replace("{arch}", arch);
  const url = fill(pulumi.download);
  try {
    const head = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(REACH_MS) });
    if (!head.ok) return false;
  } catch {
    say("the official download cannot be reached from here");
    return false;
  }
  try {
    say(`downloading pulumi ${pulumi.version}`);
    const get = async (address) => {
      const answer = await fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
      if (!answer.ok) throw new Error(`${address}: HTTP ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    };
    const [archive, sums] = [await get(url), (await get(fill(pulumi.checksums))).toString("utf8")];
    const digest = createHash("sha256").update(archive).digest("hex");
    if (!sums.includes(digest)) throw new Error("the archive's checksum is not among the published ones");
    const dir = mkdtempSync(join(root, ".toolchain", "download-"));
    try {
      writeFileSync(join(dir, "pulumi.tar.gz"), archive);
      const tar = spawnSync("tar", ["-xzf", "pulumi.tar.gz", "--no-same-owner"], { cwd: dir, stdio: ["ignore", 2, 2] });
      if (tar.status !== 0) throw new Error("the archive could not be unpacked");
      const from = ["pulumi/bin", "pulumi"].map((sub) => join(dir, sub)).find((sub) => existsSync(join(sub, names[1])));
      if (from === undefined) throw new Error(`no ${names[1]} in the archive (${readdirSync(dir).join(", ")})`);
      for (const name of names) await place(name, (target) => renameSync(join(from, name), target));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    say(`engine: pulumi ${pulumi.version} from the official download`);
    return true;
  } catch (error) {
    say(`the official download failed (${error.message}); building instead`);
    return false;
  }
}

/** Builds both from the Go modules pinned under toolchain/. Takes three to six minutes the first time. */
async function fromModules() {
  const go = which("go", outsidePath());
  if (go === undefined) {
    throw new SetupError(
      `no pulumi >= ${pulumi.minimum} on PATH, its download cannot be reached, and there is no go to build it with`,
      "install Pulumi (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install) and run this again",
    );
  }
  say(`building pulumi ${pulumi.version} from pinned Go modules (three to six minutes the first time)`);
  await build(go, "engine", pulumi.enginePackage, names[0], `-X ${pulumi.versionVariable}=v${pulumi.version}`);
  await build(go, "language-nodejs", pulumi.languageHostPackage, names[1], "");
  say(`engine: pulumi ${pulumi.version}, built`);
}

/** Go's compiler collects less garbage than of itself: a quarter less CPU time, for some 200 MB more a process. */
const COMPILER_GOGC = "400";

/** Builds one program from a module pinned in a folder of toolchain/ into .toolchain/bin. */
export async function build(go, module, pkg, name, variables) {
  await place(name, async (target) => {
    const args = ["build", "-trimpath", "-mod=readonly", "-ldflags", `-s -w ${variables}`.trim(), "-o", target, pkg];
    const status = await spawned(go, args, {
      cwd: join(root, "toolchain", module),
      env: { GOGC: COMPILER_GOGC, ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOWORK: "off" },
    });
    if (status !== 0) throw new SetupError(`go could not build ${name}`, "read go's message above");
  });
}

/** Makes bin/name in one step, so that an interrupted set-up leaves no half-written binary. */
async function place(name, make) {
  const target = join(binDir, name);
  const temporary = join(binDir, `.${name}.${process.pid}`);
  rmSync(temporary, { force: true });
  await make(temporary);
  renameSync(temporary, target);
}

/**
 * The engine looks for this one on PATH when a stack uses a dynamic provider. The official download has it; a build
 * from modules does not, since it is only a launcher of the npm SDK.
 */
export async function writeLauncher() {
  const text = `#!/bin/sh
# Launches the npm SDK's dynamic-provider; the project is looked up from the working folder first.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
script=$(node -p "require.resolve('@pulumi/pulumi/cmd/dynamic-provider', {paths: [process.cwd(), '$here/../..']})") || exit 1
exec node "$script" "$@"
`;
  await place("pulumi-resource-pulumi-nodejs", (target) => {
    writeFileSync(target, text);
    chmodSync(target, 0o755);
  });
}
