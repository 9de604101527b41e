import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { holdsUnseen, plainLine } from "../errors/plain.ts";
import { askGit, blobsOf, placeInRepository } from "../fleet/backend/git.ts";
import { checkTexts, formatProblem } from "../model/index.ts";
import { dnsVendors } from "../vendors/index.ts";

/** Characters of a file after the change. */
const LARGEST = 4 * 1024 * 1024;
/** Lines of the patch that are told. */
const LINES = 200;
/** Under which all proposals are: never a branch that a run is carried out from. */
const PREFIX = "agent/";
/** No person's address: the agent approves nothing, and is no approver's other name. */
const WHO = [
  "-c",
  "user.name=sitefleet agent",
  "-c",
  "user.email=agent@sitefleet.invalid",
  "-c",
  "commit.gpgSign=false",
];

/** What `propose_change` takes. @param files that this role may change */
export const proposalInput = (files: readonly string[]) =>
  z.strictObject({
    title: z.string().min(3).max(100).describe("what is changed, for people"),
    why: z.string().max(1000).optional().describe("the reason, for people"),
    edits: z
      .array(
        z.strictObject({
          file: z.enum(files as [string, ...string[]]).describe("file of the catalog"),
          find: z
            .string()
            .min(1)
            .max(20_000)
            .optional()
            .describe("text that is there exactly once; without it, `put` is added at the end"),
          put: z.string().max(100_000).describe("what is put in its place"),
        }),
      )
      .min(1)
      .max(50),
  });

/** A change that waits on a branch of its own. */
export interface Proposal {
  readonly branch: string;
  readonly commit: string;
  readonly base: string;
  readonly files: readonly string[];
  readonly patch: readonly string[];
}

const refused = (message: string, hint: string, details: readonly string[] = []) =>
  new SitefleetError({ code: "mcp.proposal", message, hint, details });

/**
 * Puts a change of the catalog on a new branch, as one commit on what is checked out. Nothing that is checked out is touched, no branch is
 * moved, no hook is run.
 *
 * @throws SitefleetError `mcp.proposal`
 */
export async function propose(
  catalogDir: string,
  { title, why, edits }: z.output<ReturnType<typeof proposalInput>>,
): Promise<Proposal> {
  const git = async (args: readonly string[], said?: string) => {
    const told = await askGit(catalogDir, args, said);
    if (told === undefined)
      throw refused(
        `git ${args.find((one) => /^[a-z]+-?[a-z]+$/.test(one)) ?? ""} did not do it`,
        "look at the repository of the catalog",
      );
    return told;
  };
  if (plainLine(title).length < 3) throw refused("the title says nothing that is seen", "say in words what is changed");
  const prefix = await placeInRepository(catalogDir);
  const base = prefix === undefined ? undefined : await askGit(catalogDir, ["rev-parse", "--verify", "HEAD^{commit}"]);
  if (prefix === undefined || base === undefined)
    throw refused("the catalog is in no git repository", "a change is proposed on a branch: put it into one");
  const there = await entriesOf(git, base, prefix);
  const texts = await readCatalog(catalogDir, there);
  const changed = edited(texts, edits);
  refuseInvalid(texts, changed);
  const blobs = new Map<string, string>();
  for (const [name, text] of changed) blobs.set(name, await git(["hash-object", "-w", "--stdin"], text));
  const tree = await treeWith(git, base, prefix, blobs);
  const message = [plainLine(title, 100), plainLine(why ?? "", 1000), "Proposed-by: an agent, by sitefleet mcp"]
    .filter(Boolean)
    .join("\n\n");
  const commit = await git([...WHO, "commit-tree", tree, "-p", base, "-F", "-"], message);
  const slug = plainLine(title, 40)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const branch = `${PREFIX}${slug || "change"}-${commit.slice(0, 8)}`;
  await git(["update-ref", `refs/heads/${branch}`, commit, "0".repeat(commit.length)]);
  const patch = await git(["diff", "--no-ext-diff", "--no-textconv", "--no-color", base, commit]);
  return { branch, commit, base, files: [...changed.keys()], patch: patch.split("\n").slice(0, LINES) };
}

type Git = (args: readonly string[], said?: string) => Promise<string>;

interface Entry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

async function entriesOf(git: Git, commit: string, path: string): Promise<Entry[]> {
  const listed = await git(["ls-tree", "-z", "--full-tree", path === "" ? commit : `${commit}:${path}`]);
  return listed.split("\0").flatMap((line) => {
    const [, mode = "", type = "", id = "", name = ""] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return name === "" ? [] : [{ mode, type, id, name }];
  });
}

async function readCatalog(catalogDir: string, entries: readonly Entry[]): Promise<Map<string, string>> {
  const files = entries.filter(({ mode, name }) => mode.startsWith("100") && /^[a-z-]+\.(yaml|csv)$/.test(name));
  const texts = await blobsOf(
    catalogDir,
    files.map(({ id }) => id),
  );
  return new Map(files.map(({ name }, index) => [name, texts[index] ?? ""]));
}

function edited(
  texts: ReadonlyMap<string, string>,
  edits: readonly { file: string; find?: string | undefined; put: string }[],
): Map<string, string> {
  const changed = new Map<string, string>();
  for (const [index, { file, find, put: given }] of edits.entries()) {
    const before = changed.get(file) ?? texts.get(file);
    if (before === undefined) throw refused(`the catalog has no ${file}`, "take a file that it has");
    if (holdsUnseen(given))
      throw refused(`edit ${index + 1} holds characters that are not seen`, "write it without them");
    // What an agent has read has plain line ends, whatever the file has.
    const end = before.includes("\r\n") ? "\r\n" : "\n";
    const [wanted, put] = [find, given].map((one) => one?.replace(/\r?\n/g, end));
    const parts = wanted === undefined ? 2 : before.split(wanted).length;
    if (parts !== 2)
      throw refused(
        `what edit ${index + 1} looks for is ${parts === 1 ? "not there" : "there several times"}`,
        "name more of the text around it",
      );
    const ended = (text = "") => `${text.replace(/[\r\n]+$/, "")}${end}`;
    const next = wanted === undefined ? `${ended(before)}${ended(put)}` : before.replace(wanted, () => put ?? "");
    if (next.length > LARGEST) throw refused(`${file} would be too large`, "propose less");
    changed.set(file, next);
  }
  if ([...changed].every(([file, text]) => texts.get(file) === text))
    throw refused("nothing would change", "propose a change");
  return changed;
}

/** A proposal that no run would take is none. */
function refuseInvalid(texts: ReadonlyMap<string, string>, changed: ReadonlyMap<string, string>): void {
  const { problems } = checkTexts(new Map([...texts, ...changed]), "", dnsVendors());
  if (problems.length === 0) return;
  throw refused(
    `with this change the catalog has ${problems.length} problems`,
    "mend them: each line says what is allowed",
    problems.slice(0, 20).map(formatProblem),
  );
}

/** A tree of the base with other files in the catalog's folder: no index and no work tree takes part. */
async function treeWith(git: Git, base: string, prefix: string, blobs: ReadonlyMap<string, string>): Promise<string> {
  const folders = prefix === "" ? [] : prefix.split("/");
  const make = async (path: readonly string[], put: ReadonlyMap<string, string>) => {
    const entries = await entriesOf(git, base, path.join("/"));
    const lines = entries.map(({ mode, type, id, name }) => `${mode} ${type} ${put.get(name) ?? id}\t${name}\0`);
    return git(["mktree", "-z"], lines.join(""));
  };
  let tree = await make(folders, blobs);
  for (let depth = folders.length - 1; depth >= 0; depth -= 1)
    tree = await make(folders.slice(0, depth), new Map([[folders[depth] ?? "", tree]]));
  return tree;
}
