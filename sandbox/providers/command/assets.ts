import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

// How the engine recognises an asset in a property (sdk/go/common/resource/sig).
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17";

/** An asset that is a file, as the engine writes it. */
export interface FileAsset {
  readonly [SIGNATURE_KEY]: string;
  readonly path: string;
  /** SHA-256 of the content, in hex. */
  readonly hash: string;
}

/**
 * The files below a directory that the globs choose, by their path in it. `*` stops at `/`, `**` does not; a glob that
 * starts with `!` takes away again; later ones win.
 */
export async function globAssets(dir: string, globs: readonly string[]): Promise<Record<string, FileAsset>> {
  const rules = globs.map((glob) => ({ drop: glob.startsWith("!"), pattern: globPattern(glob.replace(/^!/, "")) }));
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const assets: Record<string, FileAsset> = {};
  const root = resolve(dir);
  for (const entry of entries.filter((item) => !item.isDirectory())) {
    const file = join(entry.parentPath, entry.name);
    const path = resolve(file).slice(root.length + 1);
    const last = rules.findLast((rule) => rule.pattern.test(path));
    if (last !== undefined && !last.drop) assets[path] = await fileAsset(join(dir, path));
  }
  return assets;
}

async function fileAsset(path: string): Promise<FileAsset> {
  const hash = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { [SIGNATURE_KEY]: ASSET_SIGNATURE, path, hash };
}

/** A glob of `github.com/gobwas/glob` with `/` as separator, as a regular expression. */
export function globPattern(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let index = 0; index < glob.length; index++) {
    const character = glob[index]!;
    if (character === "*" && glob[index + 1] === "*") {
      source += ".*";
      index++;
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "{") {
      source += "(?:";
      depth++;
    } else if (character === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (character === "," && depth > 0) source += "|";
    else if (character === "[") {
      const end = glob.indexOf("]", index + 1);
      source += end < 0 ? "\\[" : `[${glob.slice(index + 1, end).replace(/^!/, "^")}]`;
      if (end >= 0) index = end;
    } else if (character === "\\" && index + 1 < glob.length) source += literal(glob[++index]!);
    else source += literal(character);
  }
  return new RegExp(`^${source}$`, "s");
}

function literal(character: string): string {
  return character.replace(/[$()*+.?[\\\]^{|}/-]/, "\\$&");
}
