import { basename } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type Catalog, checkTexts, emptyCatalog, invalidCatalog, loadCatalog } from "../../model/index.ts";
import { dnsVendors } from "../../vendors/index.ts";
import { askGit, blobsOf, placeInRepository } from "../backend/git.ts";

/** A catalog before and after, and every path that changed between the two. */
export interface Push {
  /** Commits; `nothing` where there was no catalog, `files` for what lies in the directory. */
  readonly from: string;
  readonly to: string;
  readonly before: Catalog;
  readonly after: Catalog;
  /** From the repository's root, with `/`. */
  readonly files: readonly string[];
  /** The catalog's directory from there; empty when it is the root. */
  readonly prefix: string;
}

/** GitHub's `before` of a branch's first push. */
const NOTHING = /^0{40}([0-9a-f]{24})?$/;
/** A revision, as far as it can be no option and no range. */
const REVISION = /^[A-Za-z0-9_][\w./@^~{}+-]{0,199}$/;
/** Bytes of a catalog's file: 5000 sites are 600 KiB. */
const LARGEST = 16 * 1024 * 1024;
const CATALOG_FILE = /^[a-z-]+\.(?:yaml|csv)$/;

const refused = (message: string, hint: string, subject?: string) =>
  new SitefleetError({ code: "analyse.push", message, hint, ...(subject === undefined ? {} : { subject }) });

/**
 * Reads a catalog as it was and as it is to be, out of git: no checkout, and no code of the push is loaded or run.
 *
 * @param range `BEFORE..AFTER`. @default what lies in the directory, against HEAD
 * @throws SitefleetError `analyse.push`, `catalog.invalid` with the commit as its subject
 */
export async function readPush(catalogDir: string, range: string | undefined): Promise<Push> {
  const git = (...args: string[]) => askGit(catalogDir, args);
  const root = await git("rev-parse", "--show-toplevel");
  const prefix = await placeInRepository(catalogDir);
  if (root === undefined || prefix === undefined)
    throw refused("the catalog is in no git repository, so there is no push to read", "clone it", catalogDir);
  const at = (commit: string) => catalogAt(catalogDir, prefix, commit);
  if (range === undefined) {
    const from = await commitOf(git, "HEAD");
    const [before, after] = [await at(from), loadCatalog(catalogDir, dnsVendors())];
    const files = [
      ...paths(await git("diff", ...PLAIN, from)),
      ...paths(await git("ls-files", "-z", "--others", "--exclude-standard", "--full-name", `${root}/`)),
    ];
    return { from, to: "files", before, after, files, prefix };
  }
  const [, left = "", right = ""] = /^(.+?)\.\.([^.].*)$/.exec(range) ?? [];
  if (!REVISION.test(left) || !REVISION.test(right))
    throw refused(
      "a push is written BEFORE..AFTER",
      "both are commits, branches or tags of the catalog's repository",
      range,
    );
  const to = await commitOf(git, right);
  if (NOTHING.test(left)) {
    const files = paths(await git("ls-tree", "-r", "-z", "--name-only", "--full-tree", to));
    return { from: "nothing", to, before: emptyCatalog(catalogDir), after: await at(to), files, prefix };
  }
  const from = await commitOf(git, left);
  const [before, after] = await Promise.all([at(from), at(to)]);
  return { from, to, before, after, files: paths(await git("diff", ...PLAIN, from, to)), prefix };
}

const PLAIN = ["--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames"];
const paths = (text = ""): string[] => text.split("\0").filter((path) => path.trim() !== "");

async function commitOf(git: (...args: string[]) => Promise<string | undefined>, name: string): Promise<string> {
  const commit = await git("rev-parse", "--verify", "--end-of-options", `${name}^{commit}`);
  if (commit !== undefined) return commit;
  throw refused("this is no commit of the repository here", "fetch it: fetch-depth: 0 in a workflow", name);
}

/** The catalog at a commit. */
async function catalogAt(catalogDir: string, prefix: string, commit: string): Promise<Catalog> {
  const within = prefix === "" ? [] : ["--", `${prefix}/`];
  const listed = await askGit(catalogDir, ["ls-tree", "-z", "-l", "--full-tree", commit, ...within]);
  const files = paths(listed).flatMap((line) => {
    const [, mode, id, size, path = ""] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
    const isFile = mode?.startsWith("100") === true && CATALOG_FILE.test(basename(path));
    return isFile && id !== undefined && Number(size) <= LARGEST ? [{ id, name: basename(path) }] : [];
  });
  if (files.length === 0) return emptyCatalog(catalogDir);
  const texts = await blobsOf(
    catalogDir,
    files.map(({ id }) => id),
  );
  const named = new Map(files.map(({ name }, index) => [name, texts[index] ?? ""]));
  const { catalog, problems } = checkTexts(named, catalogDir, dnsVendors());
  if (catalog) return catalog;
  throw invalidCatalog(commit.slice(0, 12), problems);
}
