import type { Command } from "commander";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { MATRIX_JOBS, matrixOf } from "../../fleet/budget/matrix.ts";
import { cells, type FoundCells } from "../../operations/cells.ts";
import { wholeNumber } from "../../operations/kit/fields.ts";
import { prepare } from "../context.ts";
import { inputOf, operationCommand, performShown } from "../from-operation.ts";
import { print, printJson, table } from "../output/style.ts";
import { SILENT } from "../stoppable.ts";

/** What the terminal adds: the cells as jobs for CI. */
interface Matrix {
  readonly matrix?: boolean;
  readonly maxJobs?: number;
}

/** `sitefleet cells`: which cells there are and what is in them; as jobs for CI with `--matrix`. */
export function registerCells(program: Command): void {
  operationCommand(program.command("cells"), cells)
    .option("--matrix", "print a GitHub matrix as one line of JSON: a job a cell")
    .option(
      "--max-jobs <n>",
      `jobs of the matrix at most; cells share jobs then (default: ${MATRIX_JOBS})`,
      wholeNumber("--max-jobs"),
    )
    .action(async (options: z.input<typeof cells.input> & Matrix, command: Command) => {
      const most = options.maxJobs ?? MATRIX_JOBS;
      if (most > MATRIX_JOBS) {
        const message = `a GitHub matrix has at most ${MATRIX_JOBS} jobs`;
        throw new SitefleetError({ code: "usage", message, subject: "--max-jobs" });
      }
      const context = await prepare(command);
      const { value, document } = await performShown(context, cells, inputOf(cells.input, options), SILENT);
      if (options.matrix) print(JSON.stringify({ include: matrixOf(value.cells, most) }));
      else if (context.json) printJson(document);
      else print(tableOf(value));
    });
}

function tableOf({ cells, others }: FoundCells): string {
  const why = others !== undefined;
  const rows = cells.map(({ cell, stack, sites, hosts, reason = "" }) => [
    cell,
    stack,
    sites,
    why ? reason : hosts.slice(0, 2).join(" ") + (sites > 2 ? " …" : ""),
  ]);
  const more = (others ?? []).map(({ stack, reason }) => ["", stack, "", reason]);
  return table([["cell", "stack", "sites", why ? "why" : "hosts"], ...more, ...rows]);
}
