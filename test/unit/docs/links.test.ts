import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { anchorsOf, linksOf, pages, prose, textOf } from "./markdown.ts";

// What breaks when these fail: a reader is sent to something that is not there.

/** Folders whose files are named in the text as `folder/file`. */
const FOLDERS = "catalog|cli|components|docs|errors|fleet|model|plesk|provider|sandbox|stacks|test|toolchain|\\.ci";
/** Named in the text and made by running something, or an example. */
const NOT_IN_GIT = /^(catalog\/artifacts|components\/NAME|cli\/commands\/NAME)/;

describe.each(pages())("$path", ({ path, text }) => {
  it("links only to files and headings that exist", () => {
    const broken = linksOf(text).filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = "", anchor] = target.split("#");
      const wanted = file === "" ? path : normalize(join(dirname(path), decodeURIComponent(file)));
      if (!existsSync(join(PROJECT_ROOT, wanted))) return true;
      return anchor !== undefined && !anchorsOf(textOf(wanted)).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  // The machine's own Node may be too old to read TypeScript: `toolchain/run.mjs` goes on in the pinned one.
  it("starts no TypeScript with whatever Node the machine has", () => {
    const started = [...text.matchAll(/\bnode ((?!toolchain\/)[\w./-]+\.ts)/g)].map(([, file]) => file);
    // What the engine and set-up start, with the pinned Node first on PATH, and what writes a table of a page of its own.
    expect(started.filter((file) => !["plesk/main.ts", "sandbox/providers/table.ts"].includes(file ?? ""))).toEqual([]);
  });

  it("names only files that exist", () => {
    const named = [...prose(text).matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, "g"))];
    const missing = named
      .map(([, name = ""]) => name)
      .filter((name) => !NOT_IN_GIT.test(name))
      .filter((name) => !existsSync(join(PROJECT_ROOT, name)) && !existsSync(join(PROJECT_ROOT, dirname(path), name)));
    expect(missing).toEqual([]);
  });
});
