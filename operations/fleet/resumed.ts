import { SitefleetError } from "../../errors/index.ts";
import { listRuns, type RunRecord, readRun } from "../../fleet/backend/journal/journal.ts";

/**
 * The run that `--resume` is about, and which of the chosen stacks it left: not done by it nor by a later one. Where many
 * jobs share a backend, the last run of all may be about other stacks.
 *
 * @throws SitefleetError `run.unknown`
 */
export function findRun(dir: string, resume: string | true, chosen: readonly string[]) {
  const doneLater = new Set<string>();
  const leftBy = ({ stacks, done }: RunRecord) =>
    chosen.filter((stack) => stacks.includes(stack) && !done.includes(stack) && !doneLater.has(stack));
  const runs = listRuns(dir);
  if (resume !== true) {
    const resumed = readRun(dir, resume);
    for (const { run, done } of runs) if (run > resume) for (const stack of done) doneLater.add(stack);
    return { resumed, left: leftBy(resumed) };
  }
  for (const resumed of runs) {
    const left = leftBy(resumed);
    if (left.length > 0) return { resumed, left };
    for (const stack of resumed.done) doneLater.add(stack);
  }
  const [last] = runs;
  if (last) return { resumed: last, left: [] };
  throw new SitefleetError({
    code: "run.unknown",
    message: "there is no earlier run to go on with",
    hint: "run sitefleet up",
  });
}
