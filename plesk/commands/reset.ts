import { createHash } from "node:crypto";
import type { Layout } from "./layout.ts";
import { hereDocument, quote } from "./quote.ts";
import { heldBy, script } from "./script.ts";

/** What one run uses to make PHP forget the code that it keeps. */
export interface Reset {
  /** File in the web root, with a name that cannot be guessed. See {@link resetName}. */
  readonly name: string;
  /** What a request must carry in {@link RESET_HEADER}: the name alone ends up in the web server's log. */
  readonly key: string;
}

/** Request header with {@link Reset.key}. */
export const RESET_HEADER = "x-sitefleet-reset";

/** First word of the script's answer; the release that PHP resolves and a {@link ResetState} follow. */
export const RESET_SAYS = "sitefleet-code";

/**
 * What became of the opcode cache: `look` nothing was asked, `reset` it is forgotten, `off` there is none, `refused` PHP does not allow it
 * (`opcache.restrict_api`, `disable_functions`, or a reset is under way).
 */
export const RESET_STATES = ["look", "reset", "off", "refused"] as const;
/** See {@link RESET_STATES}. */
export type ResetState = (typeof RESET_STATES)[number];

/** Name of the script. Without a leading dot: Drupal's own .htaccess and many nginx set-ups refuse hidden files. @param random 32 hex digits */
export function resetName(random: string): string {
  return `sitefleet-reset-${random}.php`;
}

const NAME = /^sitefleet-reset-[0-9a-f]{32}\.php$/;
/** The same for the shell: exactly our names, so that no file of an application can be meant. */
const GLOB = resetName("[0-9a-f]".repeat(32));

/** Is a path such a script in the web root? Left behind by a run that was killed; part of no release. */
export function isResetPath(webRoot: string, path: string): boolean {
  const prefix = webRoot === "" ? "" : `${webRoot}/`;
  return path.startsWith(prefix) && NAME.test(path.slice(prefix.length));
}

/**
 * The script: tells a client that has the key which release PHP resolves, and with `?reset` makes it forget compiled code. Every
 * other client gets 404. It always forgets resolved paths, which each PHP process keeps for itself. Needs PHP 7.
 */
export function resetPhp(webRoot: string, { key }: Reset): string {
  const depth = webRoot === "" ? 0 : webRoot.split("/").length;
  const release = `${"dirname(".repeat(depth)}__DIR__${")".repeat(depth)}`;
  return `<?php
header('Cache-Control: no-store');
header('Content-Type: text/plain');
if (!hash_equals('${createHash("sha256").update(key).digest("hex")}', hash('sha256', $_SERVER['HTTP_X_SITEFLEET_RESET'] ?? ''))) {
    http_response_code(404);
    exit;
}
$state = 'look';
if (isset($_GET['reset'])) {
    if (!extension_loaded('Zend OPcache') || !filter_var(ini_get('opcache.enable'), FILTER_VALIDATE_BOOLEAN)) {
        $state = 'off';
    } else {
        $state = function_exists('opcache_reset') && @opcache_reset() ? 'reset' : 'refused';
    }
}
clearstatcache(true);
echo '${RESET_SAYS} ', basename(${release}), ' ', $state, "\\n";
`;
}

/** Directories in which PHP may look: a path that it resolved earlier may lead into any release. */
function webRoots({ webRoot }: Layout): string {
  return `"$P" "$B"/releases/*${webRoot === "" ? "" : `/${quote(webRoot)}`}`;
}

/**
 * Part of a script: puts the reset script where PHP looks for it, whichever release it takes for the live one.
 *
 * @param required Release that must have it, else the script fails with `reset-not-placed`. Without it there an old answer would pass for
 * none; an older release that cannot be written to is noticed by the health check instead.
 */
export function placeResetBody(layout: Layout, reset: Reset, required?: string): string {
  const name = quote(reset.name);
  const web = layout.webRoot === "" ? "" : `/${quote(layout.webRoot)}`;
  const check =
    required === undefined ? "" : `\n[ -f "$B"/releases/${quote(required)}${web}/${name} ] || fail reset-not-placed`;
  return `for d in ${webRoots(layout)}; do
  [ -d "$d" ] || continue
  if ! { cat >"$d"/${name}; } 2>/dev/null ${hereDocument(resetPhp(layout.webRoot, reset), "SITEFLEET_PHP")}
  then rm -f "$d"/${name}; fi
done${check}`;
}

/** See {@link placeResetBody}; for a release that is live already. */
export function resetScript(layout: Layout, token: string, reset: Reset, id: string): string {
  return script(layout, `${heldBy(token)}\n${placeResetBody(layout, reset, id)}`);
}

/** Part of a script: removes every reset script, also those of runs that were killed. */
export function removeResetsBody(layout: Layout): string {
  // A pattern that matches nothing stands for itself, and is longer than a name may be.
  return `for d in ${webRoots(layout)}; do
  for r in "$d"/${GLOB}; do if [ -f "$r" ]; then rm -f "$r" || :; fi; done
done`;
}
