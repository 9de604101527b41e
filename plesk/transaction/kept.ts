import { RELEASE_MARKER } from "../../model/shape/shared-paths.ts";
import { manifestDigest, parseManifest } from "../artifact/manifest.ts";
import { compileSelection } from "../artifact/selection.ts";
import { type KEPT_SECTIONS, keptScript } from "../commands/kept.ts";
import { isResetPath } from "../commands/reset.ts";
import { SAY } from "../commands/script.ts";
import { KIND_DEFAULTS } from "../kinds/index.ts";
import type { Said, Session } from "../remote/session.ts";
import { above } from "../transport/transport.ts";
import type { Run } from "./context.ts";

/** Milliseconds for looking at a kept release. Going back is urgent: what takes longer is said not to have been looked at. */
const LOOK_MS = 60_000;
/** Paths that are named; more are only counted. */
const NAMED = 20;

/** How a kept release differs from what was deployed. */
export interface Kept {
  /** `content`: every file by its SHA-256. `times`: the host has no program for that. `nothing`: there is no manifest, as for `original`. */
  readonly looked: "content" | "times" | "nothing";
  /** Files whose content, or links whose target, is another one. */
  readonly edited: readonly string[];
  /** Files and links that were not deployed. Only known by `content`. */
  readonly added: readonly string[];
  readonly lost: readonly string[];
}

/** The same in short, for people and results. */
export interface Edited {
  /** The first twenty: `~` edited, `+` added, `-` lost, then the path. */
  readonly paths: readonly string[];
  /** Differences that are not in `paths`. */
  readonly more: number;
}

/** See {@link Edited}; undefined when there is no difference. Pure. */
export function editedOf({ edited, added, lost }: Kept): Edited | undefined {
  const all = [
    ...lost.map((path) => `- ${path}`),
    ...edited.map((path) => `~ ${path}`),
    ...added.map((path) => `+ ${path}`),
  ];
  return all.length === 0 ? undefined : { paths: all.slice(0, NAMED), more: Math.max(0, all.length - NAMED) };
}

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", "\\": "\\" };

/** A line of sha256sum or `openssl dgst -r`: a backslash before it says that the name is escaped. */
function fileOf(line: string): [string, string] | undefined {
  const [, escaped, digest = "", name = ""] = /^(\\?)([0-9a-f]{64}) [ *]\.\/(.*)$/.exec(line) ?? [];
  if (digest === "") return undefined;
  return [escaped ? name.replace(/\\(.)/g, (_, char: string) => ESCAPED[char] ?? char) : name, digest];
}

/** Reads what `keptScript` said. Pure. @param id The release: its manifest must prove itself. */
export function parseKept(run: Pick<Run, "layout" | "document">, id: string, said: Said): Kept {
  const facts = (word: string): string[] =>
    said.filter((line) => line.startsWith(`${SAY}${word} `)).map((line) => line.slice(SAY.length + word.length + 1));
  const [looked] = facts("looked");
  if (looked === "times") return { looked, edited: facts("edited"), added: [], lost: facts("lost") };
  const section = (name: (typeof KEPT_SECTIONS)[number]): readonly string[] =>
    said.slice(said.indexOf(`${SAY}${name}-begin`) + 1, said.lastIndexOf(`${SAY}${name}-end`));
  const manifest = section("manifest")
    .map((line) => `${line}\n`)
    .join("");
  if (looked !== "content" || manifestDigest(manifest) !== id) {
    return { looked: "nothing", edited: [], added: [], lost: [] };
  }
  const { layout, document } = run;
  const files = new Map(section("files").flatMap((line) => [fileOf(line)].filter((found) => found !== undefined)));
  const links = new Map(
    section("links").map((line) => {
      const at = line.lastIndexOf("\t./");
      return [line.slice(at + 3), line.slice(0, at)] as const;
    }),
  );
  const entries = parseManifest(manifest);
  const edited: string[] = [];
  const lost: string[] = [];
  for (const entry of entries) {
    if (entry.kind === "dir") continue;
    const mine = entry.kind === "file" ? entry.sha256 : entry.target;
    const there = (entry.kind === "file" ? files : links).get(entry.path);
    if (there === undefined && !files.has(entry.path) && !links.has(entry.path)) lost.push(entry.path);
    else if (there !== mine) edited.push(entry.path);
  }
  const known = new Set(entries.map(({ path }) => path));
  const generated = compileSelection({ exclude: KIND_DEFAULTS[document.service.kind].generated });
  // What the driver itself puts into a release; as it was declared then, which need not be as it is declared now.
  const ours = (path: string): boolean =>
    path.endsWith(RELEASE_MARKER) || /^(\.\.\/)+shared\//.test(links.get(path) ?? "");
  const made = (path: string): boolean =>
    ours(path) ||
    generated(path, false) ||
    above(path).some((parent) => generated(parent, true)) ||
    isResetPath(layout.webRoot, path);
  const added = [...files.keys(), ...links.keys()].filter((path) => !known.has(path) && !made(path));
  return { looked, edited: edited.sort(), added: added.sort(), lost: lost.sort() };
}

/** Compares a release on the host with what was deployed as it. Read-only. @throws what `Session.run` throws */
export async function lookAtKept(run: Run, session: Session, id: string): Promise<Kept> {
  const said = await run.steps.step("compare", () =>
    session.run("comparing the release with its manifest", keptScript(run.layout, id), {
      timeoutMs: LOOK_MS,
      maxStdout: 64 * 1024 * 1024,
    }),
  );
  return parseKept(run, id, said);
}
