import type { JobResult } from "../../engine/job.ts";

/** Codes of a failed `Release` that its commit is to blame for, see `provider/release/errors.ts`. */
const BLAMED: ReadonlySet<string> = new Set(["release.build-failed", "release.check-failed"]);

/** Sites and shared projects whose new release is why updates failed: its build did, or its check before promotion. Pure. */
export function failedReleases(results: readonly JobResult[]): string[] {
  return results.flatMap(({ failed = [] }) =>
    failed.filter(({ code = "" }) => BLAMED.has(code)).map(({ name }) => name),
  );
}
