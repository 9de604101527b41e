import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, posix } from "node:path";
import type { Service } from "../../model/index.ts";
import { resolveOnHost } from "../host/host-path.ts";
import { releaseOf } from "../host/releases.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "application/xml",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".pdf": "application/pdf",
  ".wasm": "application/wasm",
};

/** A service's document root at this moment. */
export interface DocumentRoot {
  /** Absolute path on the host, without links. */
  readonly path: string;
  /** The same as the web server's configuration has it: links lead from there to {@link path}. */
  readonly configured: string;
  /** The release that it lies in; undefined while the service has none. */
  readonly release?: string;
}

/** Where the service's files are served from: `current` if it is there, else the service's own directory. */
export function documentRoot(tree: string, service: Service): DocumentRoot | undefined {
  for (const configured of [posix.join(service.path, "current"), service.path]) {
    const path = resolveOnHost(tree, configured);
    if (path === undefined || !isDirectory(tree, path)) continue;
    const release = releaseOf(path);
    return { path, configured, ...(release === undefined ? {} : { release }) };
  }
  return undefined;
}

/** A file as it is answered. */
interface FoundFile {
  readonly kind: "file";
  readonly body: Buffer<ArrayBuffer>;
  readonly type: string;
}

/** What a request for a path finds. `slash`: a directory asked for without its trailing slash. */
export type Found =
  | FoundFile
  | { readonly kind: "missing" | "forbidden" | "slash" }
  /** `script`: relative to the document root. */
  | { readonly kind: "php"; readonly script: string };

/**
 * Looks up the decoded path of a request beneath a document root.
 * Hidden files (`.env`, `.git`) are forbidden, as every web server of a shared host has it; `.well-known` is not.
 */
export function findFile(tree: string, root: string, path: string): Found {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (path.includes("\0") || segments.includes("..")) return { kind: "forbidden" };
  if (segments.some((segment) => segment.startsWith(".") && segment !== ".well-known")) return { kind: "forbidden" };
  const target = resolveOnHost(tree, posix.join(root, ...segments));
  if (target === undefined) return { kind: "missing" };
  if (!isDirectory(tree, target)) return read(tree, target, segments);
  if (!path.endsWith("/")) return { kind: "slash" };
  // In the order of Plesk's own configuration.
  for (const name of ["index.html", "index.php"]) {
    const index = resolveOnHost(tree, posix.join(target, name));
    if (index !== undefined) return read(tree, index, [...segments, name]);
  }
  return { kind: "missing" };
}

/** Whether a directory of the host holds nothing. */
export function isEmpty(tree: string, path: string): boolean {
  try {
    return readdirSync(join(tree, path)).length === 0;
  } catch {
    return true;
  }
}

function read(tree: string, path: string, asked: readonly string[]): Found {
  const extension = extname(path).toLowerCase();
  if (extension === ".php") return { kind: "php", script: asked.join("/") };
  try {
    const type = TYPES[extension] ?? "application/octet-stream";
    return { kind: "file", body: readFileSync(join(tree, path)), type };
  } catch (error) {
    return { kind: (error as NodeJS.ErrnoException).code === "EACCES" ? "forbidden" : "missing" };
  }
}

function isDirectory(tree: string, path: string): boolean {
  try {
    return statSync(join(tree, path)).isDirectory();
  } catch {
    return false;
  }
}
