import { z } from "zod";
import { type Algorithm, type Component, type Found, merged, plainAddress, purl } from "./component.ts";

const Names = z.record(z.string(), z.string()).default({});
const Package = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().default(false),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  license: z.unknown().optional(),
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});
type Package = z.infer<typeof Package>;
/** Versions 2 and 3; version 1 (npm 6) has no `packages` and is not read. */
const Lockfile = z.object({ packages: z.record(z.string(), Package) });

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};

/**
 * Reads a package-lock.json (npm 7 and later). Pure.
 *
 * @throws ZodError when it has another form.
 */
export function readNpmLock(value: unknown): Found {
  const { packages } = Lockfile.parse(value);
  const purls = new Map<string, string>();
  for (const [path, item] of Object.entries(packages)) {
    if (path !== "" && !item.link) purls.set(path, purlOf(path, item));
  }
  const components = Object.entries(packages).flatMap(([path, item]): Component[] => {
    const id = purls.get(path);
    if (id === undefined) return [];
    const source = item.resolved === undefined ? undefined : plainAddress(item.resolved);
    return [
      {
        purl: id,
        name: nameOf(path, item),
        version: item.version,
        scope: item.dev ? "excluded" : item.optional || item.devOptional ? "optional" : "required",
        hashes: hashesOf(item.integrity ?? ""),
        licenses: typeof item.license === "string" ? [item.license] : [],
        source,
        // What is only needed to work on a package is not installed with it, unless it is one of the project's own workspaces.
        dependsOn: resolveAll(packages, purls, path, !path.includes("node_modules/")),
      },
    ];
  });
  return { components: merged(components), direct: resolveAll(packages, purls, "", true), complete: true };
}

/** The name is the package's own when it is installed under another (`npm:` aliases). */
function nameOf(path: string, item: Package): string {
  if (item.name !== undefined) return item.name;
  const at = path.lastIndexOf("node_modules/");
  return at < 0 ? path : path.slice(at + "node_modules/".length);
}

function purlOf(path: string, item: Package): string {
  const name = nameOf(path, item);
  const slash = name.lastIndexOf("/");
  return purl("npm", slash < 0 ? "" : name.slice(0, slash), name.slice(slash + 1), item.version);
}

function hashesOf(integrity: string): Component["hashes"] {
  return integrity
    .split(/\s+/)
    .map((part) => /^(sha\d+)-([A-Za-z0-9+/]+={0,2})/.exec(part))
    .flatMap((match) => {
      const alg = ALGORITHMS[match?.[1] ?? ""];
      return alg === undefined ? [] : [{ alg, content: Buffer.from(match?.[2] ?? "", "base64").toString("hex") }];
    });
}

function resolveAll(
  packages: Readonly<Record<string, Package>>,
  purls: ReadonlyMap<string, string>,
  path: string,
  own: boolean,
): string[] {
  const item = packages[path];
  if (item === undefined) return [];
  const groups = [item.dependencies, item.optionalDependencies, item.peerDependencies, own ? item.devDependencies : {}];
  const found = groups
    .flatMap((group) => Object.keys(group))
    .map((name) => resolveOne(packages, path, name))
    .flatMap((at) => (at === undefined ? [] : (purls.get(at) ?? [])));
  return [...new Set(found)].sort();
}

/** Where Node finds a package that the one at `path` asks for: in its own node_modules, else in those of the folders above. */
function resolveOne(packages: Readonly<Record<string, Package>>, path: string, name: string): string | undefined {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/")))) {
    const candidate = base === "" ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    const item = packages[candidate];
    if (item !== undefined) return item.link ? item.resolved : candidate;
    if (base === "") return undefined;
  }
}
