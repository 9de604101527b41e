import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";
import { currentFile, programFile, programsDir, stampOf } from "./programs.mjs";

/** What is started often. Plain `pulumi` loads the program from its sources. */
const ENTRIES = [
  "cli/main.ts",
  "fleet/run/runner/main.ts",
  "plesk/program.ts",
  "provider/shared-main.ts",
  "sandbox/daemon/cloud-main.ts",
  "sandbox/providers/host.ts",
];
/** What the programs also come from: the packages, and how they are put together. */
const ALSO = ["package-lock.json", "node_modules/.package-lock.json", "toolchain/bundle.mjs"];
/** How many builds stay, so that a command that runs still finds what it has not loaded yet. */
const KEPT = 3;

/** Whether the programs are of the sources as they are now. */
export function programsAreCurrent() {
  return ENTRIES.every((entry) => programFile(entry).startsWith(programsDir));
}

/** Puts each program with all that it loads into few files, which start in a third of the time. */
export async function bundlePrograms() {
  const { rolldown } = await import("rolldown");
  // Taken before the sources are read: what changes meanwhile makes the build old.
  const started = Date.now();
  const build = await rolldown({
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(root, entry)])),
    cwd: root,
    platform: "node",
    // rolldown makes the dashboard's page, and is a program of the machine.
    external: ["pg-native", "cloudflare:sockets", "rolldown"],
    plugins: [leaveOut(), leanHttp(), keepPlaces()],
    // Loading is what takes time, not what is never called: nothing is left out.
    treeshake: false,
    logLevel: "silent",
  });
  const { output } = await build.generate({
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    comments: false,
  });
  await build.close();
  const loaded = output.flatMap((chunk) => chunk.moduleIds ?? []);
  const own = loaded.map((id) => relative(root, id)).filter((path) => !/^(\.\.|node_modules|\0)|rolldown/.test(path));
  const sources = [...new Set([...own, ...ALSO])].filter((path) => existsSync(join(root, path))).map(stampOf);
  if (sources.some(([, , changed]) => changed > started))
    throw new Error("a source changed while the programs were built");
  write(output, sources);
}

function write(output, sources) {
  const hash = createHash("sha256");
  for (const { fileName, code } of output) hash.update(fileName).update(code ?? "");
  const id = hash.digest("hex").slice(0, 16);
  const dir = join(programsDir, id);
  if (!existsSync(dir)) {
    const temporary = `${dir}.${process.pid}`;
    for (const { fileName, code } of output) {
      const file = join(temporary, fileName);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, code);
    }
    writeFileSync(join(temporary, "package.json"), '{ "type": "module" }\n');
    settle(temporary, dir);
  }
  const temporary = `${currentFile}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ root, build: id, entries: ENTRIES, sources }));
  renameSync(temporary, currentFile);
  removeOld(id);
}

/** Another set-up may have made the same build meanwhile. */
function settle(temporary, dir) {
  try {
    renameSync(temporary, dir);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
}

/** Removes all but the newest builds. */
function removeOld(current) {
  const age = (name) => (name === current ? Number.POSITIVE_INFINITY : statSync(join(programsDir, name)).mtimeMs);
  const builds = readdirSync(programsDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const old = builds.map(({ name }) => name).sort((a, b) => age(b) - age(a));
  for (const name of old.slice(KEPT)) rmSync(join(programsDir, name), { recursive: true, force: true });
}

/** The same modules are left out as stacks/preload.cjs leaves out where the SDK is loaded from its own files. */
function leaveOut() {
  const sdk = createRequire(createRequire(join(root, "package.json")).resolve("@pulumi/pulumi"));
  const { leftOut } = createRequire(import.meta.url)("../stacks/left-out.cjs");
  const names = new Map(leftOut.map((name) => [sdk.resolve(name), name]));
  return {
    name: "left-out",
    load(id) {
      const name = names.get(id);
      if (name === undefined) return null;
      const stub = JSON.stringify(join(root, "stacks/left-out.cjs"));
      return { code: `module.exports = require(${stub}).stub(${JSON.stringify(name)});`, moduleType: "js" };
    },
  };
}

/**
 * Node's `http` is taken as CommonJS. As an ES module each of its names is read while it is loaded, and one of them is a client of Node's
 * own that hardly any program uses: 45 ms of CPU time in every process.
 */
function leanHttp() {
  const id = "\0node-http";
  return {
    name: "lean-http",
    resolveId: (source) => (/^(node:)?http$/.test(source) ? id : null),
    load: (one) =>
      one === id ? { code: 'module.exports = process.getBuiltinModule("node:http");', moduleType: "js" } : null,
  };
}

/** What asks for its own place is told the source's: files beside it are looked for there. */
function keepPlaces() {
  return {
    name: "places",
    transform(code, id) {
      const text = JSON.stringify;
      if (!id.startsWith(root)) return null;
      if (/\bimport\.meta\.(url|dirname|filename)\b/.test(code))
        return code
          .replaceAll(/\bimport\.meta\.url\b/g, text(pathToFileURL(id).href))
          .replaceAll(/\bimport\.meta\.dirname\b/g, text(dirname(id)))
          .replaceAll(/\bimport\.meta\.filename\b/g, text(id));
      if (/\b__(dirname|filename)\b/.test(code) && !/\b(var|const|let) __(dirname|filename)\b/.test(code))
        return `var __dirname = ${text(dirname(id))}, __filename = ${text(id)};\n${code}`;
      return null;
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bundlePrograms();
