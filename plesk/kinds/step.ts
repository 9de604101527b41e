import type { Expectation } from "./expect.ts";

/** When in the transaction a step runs. */
export const PHASES = ["maintenance-on", "before-switch", "after-switch", "check", "maintenance-off"] as const;
/** See {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** One command of a service, run on the host inside its release with `shared/.env` in its environment. */
export interface Step {
  /** Short name for people and evidence, e.g. `drush updatedb`. */
  readonly name: string;
  /**
   * `maintenance-on` runs in the release that is live before, `before-switch` in the new one while the old one serves,
   * `after-switch` and `check` in the new one, `maintenance-off` in whichever is live at the end.
   */
  readonly phase: Phase;
  /** Program and arguments; never a line for a shell. Looked up in the release's own `vendor/bin`, `node_modules/.bin`, `venv/bin` first. */
  readonly argv: readonly string[];
  /** Changes the database, so that a failure after it restores the snapshot. @default false */
  readonly migrates?: boolean | undefined;
  /** Makes what is live take effect, so it runs again after going back. @default false */
  readonly restarts?: boolean | undefined;
  /** Runs only when this path exists in the release. @default always */
  readonly when?: string | undefined;
  /** What it has to show besides ending with 0; kinds' own steps only. @default nothing */
  readonly expect?: Expectation | undefined;
  /** Seconds until it is ended. @default 300 */
  readonly timeoutSeconds?: number | undefined;
}

/** Where a release keeps programs of its own, and what runs those. */
const OWN_PROGRAMS = [
  ["vendor/bin", "php"],
  ["node_modules/.bin", "node"],
] as const;
/** What Python packages bring; there once the release has its virtual environment. */
const IN_VENV = new Set(["pip", "alembic"]);

/**
 * Programs that the account must have for steps to run, each with the steps that need it.
 *
 * @param paths Paths in the artifact: what it brings itself is not asked of the host, what runs that is.
 */
export function programsOf(steps: readonly Step[], paths: ReadonlySet<string>): Record<string, string> {
  const programs: Record<string, string> = {};
  for (const step of steps) {
    if (step.when !== undefined && !paths.has(step.when)) continue;
    const program = step.argv[0]!;
    const own = OWN_PROGRAMS.find(([dir]) => paths.has(`${dir}/${program}`))?.[1];
    const need = own ?? (IN_VENV.has(program) && paths.has("requirements.txt") ? "python3" : program);
    programs[need] = programs[need] === undefined ? step.name : `${programs[need]}, ${step.name}`;
  }
  return programs;
}
