#!/usr/bin/env node
// Launcher of the `sitefleet` command. JavaScript that an old Node can read: it goes on in the pinned Node when the one it
// was started with is too old, and puts the pinned engine and Node first on PATH for everything that is started from here.
import { existsSync } from "node:fs";
import module from "node:module";
import { atLeast, compileCache, nodeBinary, toolPath, versions } from "../toolchain/paths.mjs";
import { programFile } from "../toolchain/programs.mjs";

process.env.PATH = toolPath();
// What V8 made of the modules is kept between runs, also by the runner processes, which inherit this.
process.env.NODE_COMPILE_CACHE ??= compileCache;
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
const main = programFile("cli/main.ts");
if (atLeast(process.versions.node, versions.node.minimum)) {
  process.argv[1] = main;
  await import(main);
} else if (existsSync(nodeBinary)) {
  const { spawn } = await import("node:child_process");
  const child = spawn(nodeBinary, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the child by itself; other signals are handed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
} else {
  process.stderr.write(
    `error: Node >= ${versions.node.minimum} is needed. Run \`npm run setup\` in the project first.\n`,
  );
  process.exitCode = 1;
}
