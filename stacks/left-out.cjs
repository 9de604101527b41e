// What of the SDK this program has no use for. JavaScript that an old Node can read (see preload.cjs).

// What finds, prints and packs the code of a function that is to run elsewhere, for dynamic providers and magic functions: ours
// has neither. With it the SDK loads npm's installer (446 of its 764 modules) and opens a debugger on its own process.
// Node strips the types of our sources and keeps their lines: there is no source map to read. With source-map-support installed
// the stack traces that the SDK notes with each promise take a third of the CPU time of a program.
const offered = {
  "./runtime/closure/codePaths": {},
  "./runtime/closure/serializeClosure": {},
  "./runtime/closure/v8Hooks": { isInitializedAsync: () => Promise.resolve() },
  "./typescript-shim": {},
  "source-map-support/register": {},
};

/** The modules, as the SDK names them. */
exports.leftOut = Object.keys(offered);

/** What is found in the place of the module `name`: what a program asks of it all the same, and an error for anything else. */
exports.stub = (name) =>
  new Proxy(offered[name], {
    get(exports, key) {
      if (key in exports) return exports[key];
      if (typeof key === "symbol" || key === "__esModule") return undefined;
      return () => {
        throw new Error(`${name} is left out (stacks/left-out.cjs), ${key} is not there`);
      };
    },
  });
