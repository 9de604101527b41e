// Cells as one would run them at first: for each stack a `pulumi` of its own, which starts a Node for the program and a
// process for each provider. Usage: node bench/naive/main.ts up|preview AT_ONCE STACK …
import { spawn } from "node:child_process";
import pLimit from "p-limit";
import { initStack } from "../../fleet/engine/init-stack.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";

const [operation = "", atOnce = "1", ...stacks] = process.argv.slice(2);
const configFile = process.env.SITEFLEET_CONFIG_FILE ?? "";
/** An update without its own preview: the cheaper of the two ways to call it. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  up: ["up", "--yes", "--skip-preview"],
  preview: ["preview"],
};

const args = OPERATIONS[operation];
if (args === undefined) throw new Error(`not an operation: ${operation}`);
const limit = pLimit(Number(atOnce));
await Promise.all(
  stacks.map((stack) =>
    limit(async () => {
      // Says nothing when the stack is there.
      await initStack(stack, configFile);
      await pulumi([...args, "--stack", stack, "--config-file", configFile, "--non-interactive", "--suppress-outputs"]);
    }),
  ),
);

function pulumi(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", args, { cwd: PROJECT_ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said = (said + text).slice(-2000);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`pulumi ${args.join(" ")} exited with ${code}\n${said}`));
    });
  });
}
