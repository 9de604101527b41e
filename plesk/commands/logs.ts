import { posix } from "node:path";
import type { Layout } from "./layout.ts";
import { quote } from "./quote.ts";
import { script } from "./script.ts";

/** Stands before each line of a log, so that none can be taken for one of ours. */
export const LOG_LINE = "|";
/** Longest line that is sent, bytes: what is longer is cut. */
const LONGEST = 8192;

/**
 * Sends the end of log files and changes nothing. Of one that is not there it says so.
 *
 * @param paths Absolute, or relative to the service's directory for shared data
 * @param bytes At most so many of each
 */
export function logsScript(layout: Layout, paths: readonly string[], bytes: number): string {
  const files = paths.map((path) => (path.startsWith("/") ? path : posix.join(layout.base, "shared", path)));
  return script(
    layout,
    [
      "for program in tail tr cut sed; do command -v $program >/dev/null 2>&1 || fail missing-program; done",
      ...files.flatMap((file, index) => [
        `if [ -f ${quote(file)} ] && [ -r ${quote(file)} ]; then say "log ${index}"`,
        // A file may end within a character, and hold anything.
        `tail -c ${bytes} -- ${quote(file)} | tr -d '\\000\\r' | cut -b 1-${LONGEST} | sed 's/^/${LOG_LINE}/'; printf '\\n'`,
        `else say "absent ${index}"; fi`,
      ]),
    ].join("\n"),
  );
}
