import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { build } from "./engine.mjs";
import { SetupError, say } from "./log.mjs";
import { binDir, outsidePath, root, which } from "./paths.mjs";
import { spawned } from "./spawned.mjs";

// node toolchain/workflow-checks.mjs: checks .github/workflows with actionlint and zizmor, which it installs when they are not
// there. Nothing else needs them, so set-up does not wait for them.

const ACTIONLINT = { name: "actionlint-1.7.12", package: "github.com/rhysd/actionlint/cmd/actionlint" };
const ZIZMOR = {
  name: "zizmor-1.32.0",
  requirement: "zizmor==1.32.0",
  // Of the wheels at PyPI: Linux, and macOS with either processor.
  hashes: [
    "84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071",
    "aa4b4e216321dd5cf202cd79fc83296468f0eed79d850cd65ac8187a6bbc5496",
    "0a999c98015becd9f69919ce01febadfb1c2be9b8ec2ce9ef7eb13ff23ba8eba",
  ],
};

async function actionlint() {
  if (existsSync(join(binDir, ACTIONLINT.name))) return;
  const go = which("go", outsidePath());
  if (go === undefined)
    throw new SetupError("there is no go to build actionlint with", "install Go (https://go.dev/doc/install)");
  say("building actionlint from pinned Go modules");
  mkdirSync(binDir, { recursive: true });
  await build(go, "actionlint", ACTIONLINT.package, ACTIONLINT.name, "");
}

async function zizmor() {
  if (existsSync(join(binDir, ZIZMOR.name))) return;
  const python = which("python3", outsidePath());
  if (python === undefined)
    throw new SetupError("there is no python3 to fetch zizmor with", "install Python 3 with pip");
  say("fetching zizmor");
  mkdirSync(binDir, { recursive: true });
  const dir = mkdtempSync(join(root, ".toolchain", "zizmor-"));
  try {
    const wanted = join(dir, "requirements.txt");
    writeFileSync(wanted, `${ZIZMOR.requirement} ${ZIZMOR.hashes.map((hash) => `--hash=sha256:${hash}`).join(" ")}\n`);
    const download = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"];
    const done = async (args) => (await spawned(python, args, { cwd: dir })) === 0;
    const wheel = async () => readdirSync(dir).find((name) => name.endsWith(".whl"));
    if (!(await done([...download, "--requirement", wanted, "--dest", dir])) || (await wheel()) === undefined)
      throw new SetupError("pip could not fetch zizmor", "read pip's message above");
    // A wheel is a zip, and this one holds one program: no environment is needed for it.
    if (!(await done(["-m", "zipfile", "--extract", await wheel(), dir])))
      throw new SetupError("the wheel of zizmor could not be unpacked", "read python's message above");
    const temporary = join(binDir, `.${ZIZMOR.name}.${process.pid}`);
    copyFileSync(join(dir, "zizmor-1.32.0.data/scripts/zizmor"), temporary);
    chmodSync(temporary, 0o755);
    renameSync(temporary, join(binDir, ZIZMOR.name));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

try {
  await Promise.all([actionlint(), zizmor()]);
  const checks = [
    [ACTIONLINT.name, []],
    // What needs the network is left out. Every doubt counts, but that permissions have no comment.
    [
      ZIZMOR.name,
      ["--offline", "--quiet", "--persona", "pedantic", "--config", "toolchain/zizmor.yml", ".github/workflows"],
    ],
  ];
  const failed = checks.filter(
    ([name, args]) => spawnSync(join(binDir, name), args, { cwd: root, stdio: ["ignore", 2, 2] }).status !== 0,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`the workflows are not checked: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = 1;
}
