import type { WentBack } from "./rollout-work.ts";

/** Several ways back as one: its run is the last. Pure. */
export function together(parts: readonly WentBack[]): WentBack {
  const runs = parts.map(({ run }) => run);
  return {
    run: {
      run: runs.at(-1)?.run ?? "",
      results: runs.flatMap(({ results }) => results),
      skipped: runs.flatMap(({ skipped }) => skipped),
      milliseconds: runs.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    },
    kept: parts.flatMap(({ kept }) => kept),
  };
}
