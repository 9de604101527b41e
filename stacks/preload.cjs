// Loaded by Node before anything else in a process that declares a stack: by plain `pulumi` (`nodeargs` in Pulumi.yaml) and by
// our own runners. JavaScript that an old Node can read: stacks/main.js is to say what is wrong with it.
const { createRequire, Module } = require("node:module");
const { join } = require("node:path");

// What V8 made of the SDKs and of our modules is kept between runs: loading them is most of what a small stack costs.
Module.enableCompileCache?.(join(__dirname, "../node_modules/.cache/sitefleet/compile"));

const sdk = createRequire(require.resolve("@pulumi/pulumi"));

/** Has the SDK find `exports` alone in the place of a module that it loads and that we have no use for. */
function leaveOut(name, exports = {}) {
  const file = sdk.resolve(name);
  const stub = new Module(file);
  stub.filename = file;
  stub.loaded = true;
  stub.exports = new Proxy(exports, {
    get(_, key) {
      if (key in exports) return exports[key];
      if (typeof key === "symbol" || key === "__esModule") return undefined;
      return () => {
        throw new Error(`${name} is left out (stacks/preload.cjs), ${key} is not there`);
      };
    },
  });
  sdk.cache[file] = stub;
}

// What finds, prints and packs the code of a function that is to run elsewhere, for dynamic providers and magic functions: ours
// has neither. With it the SDK loads npm's installer (446 of its 764 modules) and opens a debugger on its own process.
leaveOut("./runtime/closure/codePaths");
leaveOut("./runtime/closure/serializeClosure");
leaveOut("./runtime/closure/v8Hooks", { isInitializedAsync: () => Promise.resolve() });
leaveOut("./typescript-shim");
// Node strips the types of our sources and keeps their lines: there is no source map to read. With it installed the stack
// traces that the SDK notes with each promise take a third of the CPU time of a program.
leaveOut("source-map-support/register");
