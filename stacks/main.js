// Entry point of plain `pulumi`. JavaScript, so that an old Node on PATH gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  throw new Error(
    `Node ${process.versions.node} on PATH cannot run sitefleet (>= 22.18 is needed). ` +
      'Put the pinned one first: export PATH="$PWD/node_modules/.bin:$PATH"',
  );
}
const { default: program } = await import("./index.ts");

export default program;
