// Loaded by Node before anything else in a process that declares a stack: by plain `pulumi` (`nodeargs` in Pulumi.yaml) and by
// our own runners. JavaScript that an old Node can read: stacks/main.js is to say what is wrong with it.
const { createRequire, Module } = require("node:module");
const { join } = require("node:path");
const { leftOut, stub } = require("./left-out.cjs");

// What V8 made of the SDKs and of our modules is kept between runs: loading them is most of what a small stack costs.
Module.enableCompileCache?.(join(__dirname, "../node_modules/.cache/sitefleet/compile"));

// Engine and program speak over the loopback, where no proxy leads: gRPC for Node would ask the one that the environment names.
process.env.no_grpc_proxy = [process.env.no_grpc_proxy || process.env.no_proxy, "127.0.0.1", "localhost"]
  .filter(Boolean)
  .join(",");

const sdk = createRequire(require.resolve("@pulumi/pulumi"));
for (const name of leftOut) {
  const file = sdk.resolve(name);
  const loaded = new Module(file);
  loaded.filename = file;
  loaded.loaded = true;
  loaded.exports = stub(name);
  sdk.cache[file] = loaded;
}
