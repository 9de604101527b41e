/** A cell as far as a matrix looks at it. */
export interface MatrixCell {
  readonly cell: string;
  readonly sites: number;
}

/** One job of a matrix. */
export interface MatrixJob {
  /** Shown as the job's name. */
  readonly name: string;
  /** For `sitefleet up --cell`: one cell, or several with commas. */
  readonly cells: string;
  readonly sites: number;
}

/** Jobs that one GitHub matrix may have (docs.github.com, workflow syntax, read in November 2026). */
export const MATRIX_JOBS = 256;

/**
 * Spreads cells over at most `most` jobs, one each when they suffice, else so that the largest job is small: the largest
 * cell first, each to the job with the fewest sites. Same cells, same jobs. Pure.
 */
export function matrixOf(cells: readonly MatrixCell[], most: number = MATRIX_JOBS): MatrixJob[] {
  const jobs = Array.from({ length: Math.min(most, cells.length) }, () => ({ cells: [] as string[], sites: 0 }));
  const largestFirst = [...cells].sort((a, b) => b.sites - a.sites || (a.cell < b.cell ? -1 : 1));
  for (const { cell, sites } of largestFirst) {
    const least = jobs.reduce((one, other) => (weight(other) < weight(one) ? other : one));
    least.cells.push(cell);
    least.sites += sites;
  }
  return jobs
    .map(({ cells: names, sites }) => {
      const sorted = names.sort();
      return { name: nameOf(sorted), cells: sorted.join(","), sites };
    })
    .sort((a, b) => b.sites - a.sites || (a.cells < b.cells ? -1 : 1));
}

/** A cell without sites costs a job as well. */
const weight = ({ cells, sites }: { readonly cells: readonly string[]; readonly sites: number }) =>
  sites + cells.length;

function nameOf(cells: readonly string[]): string {
  const [first = ""] = cells;
  return cells.length > 1 ? `${first} and ${cells.length - 1} more` : first;
}
