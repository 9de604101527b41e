import type { Command } from "commander";
import { registerBuild } from "./commands/build.ts";
import { registerCells } from "./commands/cells.ts";
import { registerDemo } from "./commands/demo.ts";
import { registerHealth } from "./commands/health.ts";
import { registerPlan } from "./commands/plan.ts";
import { registerPlesk } from "./commands/plesk/index.ts";
import { registerPreview } from "./commands/preview.ts";
import { registerRelease } from "./commands/release.ts";
import { registerRollback } from "./commands/rollback.ts";
import { registerRollout } from "./commands/rollout.ts";
import { registerSandbox } from "./commands/sandbox-commands.ts";
import { registerUp } from "./commands/up.ts";
import { registerValidate } from "./commands/validate.ts";
import { withCommon } from "./context.ts";
import { ScopedCommand } from "./scoped-command.ts";

/** The whole command line. Building it has no effect: only `parseAsync` runs a command, and main.ts calls that. */
export function buildProgram(): Command {
  const program = withCommon(new ScopedCommand("sitefleet"))
    .description(
      "Keeps a large web estate as declared: Vercel sites, Cloudflare DNS, GitHub secrets and Plesk services.",
    )
    .version("0.1.0")
    .showHelpAfterError("(sitefleet --help shows the commands)")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 error, 2 changes (preview --detailed-exitcode), 3 something is left for the next run, 4 nothing fails but something is inconclusive (health, rollout), 130 stopped by Ctrl-C. See docs/reference/cli.md.",
    )
    .exitOverride();
  for (const register of [
    registerValidate,
    registerCells,
    registerBuild,
    registerPlan,
    registerPreview,
    registerUp,
    registerRollout,
    registerRollback,
    registerRelease,
    registerHealth,
    registerPlesk,
    registerSandbox,
    registerDemo,
  ]) {
    register(program);
  }
  return program;
}
