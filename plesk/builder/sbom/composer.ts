import { z } from "zod";
import { type Component, type Found, merged, plainAddress, purl } from "./component.ts";

const Package = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.array(z.string()), z.string()]).default([]),
  require: z.union([z.record(z.string(), z.string()), z.array(z.unknown())]).default({}),
  dist: z.object({ url: z.string().optional(), shasum: z.string().nullish() }).nullish(),
  source: z.object({ url: z.string().optional() }).nullish(),
});
const Lockfile = z.object({
  packages: z.array(Package).default([]),
  "packages-dev": z.array(Package).nullish(),
});

/**
 * Reads a composer.lock. Pure. Every package counts as asked for by the service itself, since the lockfile does not repeat
 * what composer.json asks for.
 *
 * @param required Names that composer.json asks for, when it could be read.
 * @throws ZodError when it has another form.
 */
export function readComposerLock(value: unknown, required?: ReadonlySet<string>): Found {
  const lock = Lockfile.parse(value);
  const all = [
    ...lock.packages.map((item) => ({ item, scope: "required" as const })),
    ...(lock["packages-dev"] ?? []).map((item) => ({ item, scope: "excluded" as const })),
  ];
  const purls = new Map(all.map(({ item }) => [item.name.toLowerCase(), purlOf(item)]));
  const components = all.map(({ item, scope }): Component => {
    const source = plainAddress(item.dist?.url ?? "") ?? plainAddress(item.source?.url ?? "");
    const shasum = item.dist?.shasum ?? "";
    return {
      purl: purlOf(item),
      name: item.name,
      version: item.version,
      scope,
      hashes: /^[0-9a-f]{40}$/.test(shasum) ? [{ alg: "SHA-1", content: shasum }] : [],
      licenses: typeof item.license === "string" ? [item.license] : item.license,
      source,
      dependsOn: Object.keys(item.require)
        .flatMap((name) => purls.get(name.toLowerCase()) ?? [])
        .sort(),
    };
  });
  const direct = all.filter(({ item }) => required === undefined || required.has(item.name.toLowerCase()));
  return { components: merged(components), direct: direct.map(({ item }) => purlOf(item)).sort(), complete: true };
}

function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  const [vendor = "", ...rest] = name.toLowerCase().split("/");
  return rest.length === 0 ? purl("composer", "", vendor, version) : purl("composer", vendor, rest.join("/"), version);
}

/** Names in `require` and `require-dev` of a composer.json; undefined when it has another form. Pure. */
export function composerRequires(value: unknown): ReadonlySet<string> | undefined {
  const Names = z.record(z.string(), z.unknown()).default({});
  const result = z.object({ require: Names, "require-dev": Names }).safeParse(value);
  if (!result.success) return undefined;
  const names = [...Object.keys(result.data.require), ...Object.keys(result.data["require-dev"])];
  return new Set(names.map((name) => name.toLowerCase()));
}
