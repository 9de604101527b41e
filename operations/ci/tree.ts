import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { flag } from "../kit/flags.ts";

/** Files of a catalog, and their bytes, together at most: a catalog of 5000 sites has 20 files and 1 MB; artifacts lie beside it. */
const MOST_FILES = 5_000;
/** See {@link MOST_FILES}. */
export const MOST_BYTES = 64 * 2 ** 20;
/** Refusals that are listed. */
export const LISTED = 20;

/** A commit in full. */
export const commitField = () =>
  flag(
    z.string().regex(/^[0-9a-f]{40}$/, "is no commit of 40 hex digits"),
    "--head <commit>",
    "the newest commit of the pull request, in full",
  );

/** A plain file of a tree. */
export interface TreeFile {
  /** Below the catalog. */
  readonly name: string;
  /** Of its blob. */
  readonly id: string;
}

/**
 * Reads what `git ls-tree -r -z -l` says. Only plain files are taken: a link would lead out of the catalog, to whatever the job can read.
 * Pure.
 *
 * @param prefix the catalog's folder in the repository; "" or ending in a slash
 * @throws SitefleetError `ci.data`, with everything that is refused
 */
export function readTree(text: string, prefix: string): TreeFile[] {
  const files: TreeFile[] = [];
  const wrong: string[] = [];
  let bytes = 0;
  for (const entry of text.split("\0").filter(Boolean)) {
    const [, mode = "", type = "", id = "", size = "", path = ""] =
      /^(\d+) (\w+) ([0-9a-f]+) +(\S+)\t(.*)$/s.exec(entry) ?? [];
    const name = path.startsWith(prefix) ? path.slice(prefix.length) : "";
    const said = plainLine(path || entry, 200);
    if (type !== "blob" || !["100644", "100755"].includes(mode))
      wrong.push(`${said}: ${KINDS[mode] ?? "no plain file"}`);
    else if (name === "" || name.split("/").some((part) => part === ".." || part.toLowerCase() === ".git"))
      wrong.push(`${said}: not below the catalog`);
    else files.push({ name, id });
    bytes += Number(size) || 0;
  }
  if (files.length > MOST_FILES) wrong.push(`${files.length} files, at most ${MOST_FILES}`);
  if (bytes > MOST_BYTES) wrong.push(`${bytes} bytes, at most ${MOST_BYTES}`);
  if (files.length === 0 && wrong.length === 0) wrong.push("it has no catalog");
  if (wrong.length === 0) return files;
  const more = wrong.length - LISTED;
  throw new SitefleetError({
    code: "ci.data",
    message: "the catalog of this change is not taken: it must be plain files",
    details: more > 0 ? [...wrong.slice(0, LISTED), `and ${more} more`] : wrong,
  });
}

const KINDS: Readonly<Record<string, string>> = { "120000": "a link", "160000": "another repository" };
