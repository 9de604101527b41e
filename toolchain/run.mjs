// Usage: node toolchain/run.mjs SCRIPT [ARG …] — does the set-up, then runs SCRIPT with the pinned Node and engine on PATH.
// npm's scripts go through here so that any of them can be the first command on a fresh clone.
import { spawn } from "node:child_process";
import { SetupError } from "./log.mjs";
import { compileCache, nodeBinary, root, toolPath } from "./paths.mjs";
import { setup } from "./setup.mjs";

const [script, ...args] = process.argv.slice(2);
try {
  await setup();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`setup failed: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ""}`);
  process.exit(1);
}
const child = spawn(nodeBinary, [script, ...args], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: toolPath(), NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache },
});
// The terminal sends Ctrl-C to the child as well; we only wait for it and hand its end on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
});
