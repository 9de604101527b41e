import type { Layout } from "./layout.ts";
import { heldBy, script } from "./script.ts";

/** Entries that a report names; the others are only counted. */
const NAMED = 100;

/**
 * Lists what in the live release has other modes than 644, 755 (executable files) and 755 (directories), and sets it right when a lock's
 * token is given. Links are not followed, so nothing outside the release is touched.
 */
export function permissionsScript(layout: Layout, token: string | undefined): string {
  const wrong = `find "$R" -xdev \\( -type d ! -perm 755 -o -type f ! -perm 644 ! -perm 755 \\)`;
  return script(
    layout,
    [
      ...(token === undefined ? [] : [heldBy(token)]),
      `command -v find >/dev/null 2>&1 || fail no-find`,
      `live=$(release_of "$B/current")`,
      `[ -n "$live" ] || { say "wrong 0"; say done; exit 0; }`,
      `R="$B/releases/$live"`,
      // One character an entry: names may hold anything, also line breaks.
      `say "wrong $(${wrong} -exec printf x {} \\; | tr -cd x | wc -c | tr -d ' ')"`,
      `${wrong} -exec ls -ldq {} + 2>/dev/null | head -n ${NAMED} | while read -r mode links user group size month day time path; do say "mode $mode \${path#"$R"/}"; done`,
      ...(token === undefined ? [] : [`${wrong} -exec chmod u=rwX,go=rX {} +`]),
    ].join("\n"),
  );
}
