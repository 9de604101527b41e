import { unlockScript } from "../commands/lock.ts";
import { permissionsScript } from "../commands/permissions.ts";
import { SAY } from "../commands/script.ts";
import type { Target } from "../input.ts";
import { type RunOptions, startRun } from "../transaction/context.ts";
import { lockOrLeave } from "../transaction/lock.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** What is wrong with the modes of the live release's files. */
export interface PermissionsResult {
  readonly service: string;
  /** Files that are neither 644 nor (executable in the artifact) 755, and directories that are not 755. */
  readonly wrong: number;
  /** The first hundred, as `mode path`. */
  readonly paths: readonly string[];
  /** They were set right. */
  readonly repaired: boolean;
}

/**
 * Checks the modes in the live releases; with `repair` sets them right. Touches nothing outside the live release: neither `shared/` nor
 * what links lead to.
 */
export function permissions(
  targets: readonly Target[],
  options: RunOptions & ManyOptions & { readonly repair?: boolean } = {},
): Promise<Outcome<PermissionsResult>[]> {
  const repair = options.repair ?? false;
  return forServices(
    targets,
    async (target, session) => {
      const run = startRun(target, options);
      if (repair) await (await lockOrLeave(run, session)).stop();
      try {
        const said = await session.run("checking modes", permissionsScript(run.layout, repair ? run.token : undefined));
        const facts = (word: string): string[] =>
          said
            .filter((line) => line.startsWith(`${SAY}${word} `))
            .map((line) => line.slice(SAY.length + word.length + 1));
        return {
          service: target.service.key,
          wrong: Number(facts("wrong")[0] ?? 0),
          paths: facts("mode"),
          repaired: repair,
        };
      } finally {
        if (repair) await session.withoutSignal().run("unlocking", unlockScript(run.layout, run.token));
      }
    },
    options,
  );
}
