import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Frame } from "../view/frame.ts";
import { h } from "../view/h.ts";
import { render } from "./render.js";

/** What the server sends for a path. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The style of the page and of a snapshot. */
export const styleText = (): string => readFileSync(file("../page/style.css"), "utf8");

/** The page's program in one file. It is made at the start: no build has to be kept up to date. */
async function scriptText(): Promise<string> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({ input: file("../page/main.ts"), platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format: "esm", minify: true, comments: false });
  await build.close();
  return output[0].code;
}

/** All that the page is made of; nothing of the estate is in it. */
export async function pageAssets(): Promise<Map<string, Asset>> {
  const plots = readFileSync(createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css"), "utf8");
  const page = `<!doctype html>${render(h(Frame, { title: "sitefleet", script: "/main.js" }))}`;
  return new Map([
    ["/", { type: "text/html; charset=utf-8", text: page }],
    ["/main.js", { type: "text/javascript; charset=utf-8", text: await scriptText() }],
    ["/style.css", { type: "text/css; charset=utf-8", text: `${plots}\n${styleText()}` }],
    ["/icon.svg", { type: "image/svg+xml", text: ICON }],
  ]);
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b5cad"/><path d="M3 8h10M3 5h10M3 11h6" stroke="#fff" stroke-width="1.6"/></svg>';
