// Runs the tests and closes with the line `N passed, N failed`. Arguments go to vitest: `npm test -- --project unit`.
import { startVitest } from "vitest/node";
import { s3Server } from "../toolchain/s3-server.mjs";

const { filters, ...options } = parse(process.argv.slice(2));
// Before the tests, not amid them: its build takes both processors for a minute on a machine that has not done it yet.
if (options.project === undefined || options.project.some((name) => name !== "component")) await s3Server();
const vitest = await startVitest("test", filters, { run: true, watch: false, ...options });
let [passed, failed, skipped] = [0, 0, 0];
for (const module of vitest.state.getTestModules()) {
  if (module.errors().length > 0) failed++;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === "passed") passed++;
    else if (state === "failed") failed++;
    else skipped++;
  }
}
failed += vitest.state.getUnhandledErrors().length;
await vitest.close();
if (passed + failed === 0) {
  process.stderr.write("error: no test was found\n");
  failed = 1;
}
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exit(failed > 0 ? 1 : 0);

/** `--project LEVEL` (repeatable) and parts of file names. */
function parse(args: readonly string[]): { project?: string[]; filters: string[] } {
  const project: string[] = [];
  const filters: string[] = [];
  args.forEach((arg, i) => {
    if (args[i - 1] === "--project") project.push(arg);
    else if (arg !== "--project") filters.push(arg);
  });
  return { ...(project.length > 0 ? { project } : {}), filters };
}
