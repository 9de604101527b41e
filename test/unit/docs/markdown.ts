import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

/** A Markdown file of the project: path from the root, and text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), "utf8");
}

/** All Markdown files that are in git, or would be. */
export function pages(): Page[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", "*.md"];
  const paths = execFileSync("git", args, { cwd: PROJECT_ROOT, encoding: "utf8" }).split("\0");
  return paths.filter((path) => path !== "").map((path) => ({ path, text: textOf(path) }));
}

/** The text without fenced code, where neither links nor headings are meant as such. */
export function prose(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```/gm, "");
}

/** Targets of the links and images of a text. */
export function linksOf(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, target = ""]) => target);
}

/** Anchors of a text's headings, made as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const titles = [...prose(text).matchAll(/^#{1,6} +(.*)$/gm)].map(([, title = ""]) => title);
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

/** The part of a text below a heading, up to the next heading of any level. */
export function section(text: string, title: string): string | undefined {
  const found = new RegExp(`^#{2,3} ${title}$`, "m").exec(text);
  if (!found) return undefined;
  const rest = text.slice(found.index + found[0].length);
  const next = /^#{1,3} /m.exec(rest);
  return next ? rest.slice(0, next.index) : rest;
}
