import type { Entry } from "../artifact/manifest.ts";
import type { Layout } from "../commands/layout.ts";
import { adoptScript } from "../commands/share.ts";
import type { Session } from "../remote/session.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";

/** A path of the live release that is made what it is declared to be: a link to `shared/`. */
export interface Adoption {
  readonly path: string;
  /** `move`: data of the release becomes shared. `merge`: `shared/` has some already, and each keeps what the other lacks. `link`: only the link is missing. */
  readonly how: "move" | "merge" | "link";
  /** It is the panel's place, and not the service's. */
  readonly panel: boolean;
}

/**
 * The paths of the live release that have to become links: data that was written before its path was declared as shared, directories
 * that replaced a link on the host, and the panel's own places. Pure.
 *
 * @param entries Manifest of the live release; what it brings in one of the panel's places is its own.
 * @param stays The live release stays: then also links that lead nowhere yet are made.
 */
export function adoptions(
  layout: Layout,
  inspection: Pick<Inspection, "shares" | "clashes" | "live" | "docroot">,
  entries: readonly Entry[],
  stays: boolean,
): Adoption[] {
  const { shares, clashes, live, docroot } = inspection;
  if (live === undefined && docroot !== "dir") return [];
  const panel = new Set(layout.panel.map(({ path }) => path));
  const at = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);
  return shares.flatMap(({ path, is, kept }): Adoption[] => {
    if (is === "link" || clashes.some((clash) => at(clash, path))) return [];
    const mark = { path, panel: panel.has(path) };
    if (mark.panel && (entries.some((entry) => at(entry.path, path)) || (is === "absent" && !kept))) return [];
    if (is === "absent") return stays && docroot !== "dir" ? [{ ...mark, how: "link" }] : [];
    return [{ ...mark, how: kept ? "merge" : "move" }];
  });
}

/**
 * Carries adoptions out. Safe at any moment: the live release goes on serving the same data, through the link.
 *
 * @throws SitefleetError `plesk.remote.share-clash` when a second file of one name was written meanwhile; nothing of that path was moved.
 */
export async function adopt(run: Run, session: Session, live: string, found: readonly Adoption[]): Promise<void> {
  if (found.length === 0) return;
  const paths = found.map(({ path }) => path);
  await run.steps.step("share", () =>
    session.run("moving data to shared", adoptScript(run.layout, run.token, live, paths)),
  );
}
