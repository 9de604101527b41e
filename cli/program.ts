import type { Command } from "commander";
import { VERSION } from "../operations/kit/version.ts";
import { withCommon } from "./context.ts";
import { ScopedCommand } from "./scoped-command.ts";

type Register = (program: Command) => void;

/** The commands, in the order of the help. A command's modules are loaded when it is asked for: each needs a part of the program only. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  validate: async () => (await import("./commands/validate.ts")).registerValidate,
  doctor: async () => (await import("./commands/doctor.ts")).registerDoctor,
  init: async () => (await import("./commands/init.ts")).registerInit,
  ci: async () => (await import("./commands/ci.ts")).registerCi,
  cells: async () => (await import("./commands/cells.ts")).registerCells,
  build: async () => (await import("./commands/build.ts")).registerBuild,
  sign: async () => (await import("./commands/sign.ts")).registerSign,
  drift: async () => (await import("./commands/drift.ts")).registerDrift,
  analyse: async () => (await import("./commands/analyse.ts")).registerAnalyse,
  plan: async () => (await import("./commands/plan.ts")).registerPlan,
  preview: async () => (await import("./commands/preview.ts")).registerPreview,
  up: async () => (await import("./commands/up.ts")).registerUp,
  rollout: async () => (await import("./commands/rollout.ts")).registerRollout,
  rollback: async () => (await import("./commands/rollback.ts")).registerRollback,
  release: async () => (await import("./commands/release.ts")).registerRelease,
  secrets: async () => (await import("./commands/secrets.ts")).registerSecrets,
  cost: async () => (await import("./commands/cost.ts")).registerCost,
  health: async () => (await import("./commands/health.ts")).registerHealth,
  metrics: async () => (await import("./commands/metrics.ts")).registerMetrics,
  flows: async () => (await import("./commands/flows.ts")).registerFlows,
  quality: async () => (await import("./commands/quality.ts")).registerQuality,
  alerts: async () => (await import("./commands/alerts.ts")).registerAlerts,
  watch: async () => (await import("./commands/watch.ts")).registerWatch,
  report: async () => (await import("./commands/report.ts")).registerReport,
  incident: async () => (await import("./commands/incident.ts")).registerIncident,
  notify: async () => (await import("./commands/notify.ts")).registerNotify,
  approval: async () => (await import("./commands/approval.ts")).registerApproval,
  approve: async () => (await import("./commands/approve.ts")).registerApprove,
  overview: async () => (await import("./commands/overview.ts")).registerOverview,
  dashboard: async () => (await import("./commands/dashboard.ts")).registerDashboard,
  mcp: async () => (await import("./commands/mcp.ts")).registerMcp,
  adopt: async () => (await import("./commands/adopt.ts")).registerAdopt,
  plesk: async () => (await import("./commands/plesk/index.ts")).registerPlesk,
  sandbox: async () => (await import("./commands/sandbox-commands.ts")).registerSandbox,
  demo: async () => (await import("./commands/demo.ts")).registerDemo,
};

/**
 * The command line. Building it has no effect: only `parseAsync` runs a command, and main.ts calls that.
 *
 * @param words What was typed: only commands that are named in it are loaded. Where none is, all are, for the help and for
 *   what is close to a word that is none; for the version none. @default every command
 */
export async function buildProgram(words: readonly string[] = []): Promise<Command> {
  const program = withCommon(new ScopedCommand("sitefleet"))
    .description(
      "Keeps a large web estate as declared: Vercel sites, Cloudflare DNS, GitHub secrets and Plesk services.",
    )
    .version(VERSION)
    .showHelpAfterError("(sitefleet --help shows the commands)")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 error, 2 changes (preview --detailed-exitcode), 3 something is left for the next run, 4 nothing fails but something is inconclusive (health, rollout), 130 stopped by Ctrl-C. See docs/reference/cli.md.",
    )
    .exitOverride();
  if (words[0] === "--version" || words[0] === "-V") return program;
  const names = Object.keys(COMMANDS);
  // What stands before a command's name and asks for help is about the program, whose help lists all commands.
  const help = words.findIndex((word) => word === "--help" || word === "-h");
  const typed = help === -1 || words.slice(0, help).some((word) => names.includes(word)) ? words : [];
  const named = names.filter((name) => typed.includes(name));
  for (const name of named.length > 0 ? named : names) (await COMMANDS[name]?.())?.(program);
  return program;
}
