import { type Component, type Found, merged, purl } from "./component.ts";

/** A name as PyPI compares it (PEP 503). */
const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

interface Requirement {
  readonly name: string;
  readonly version?: string;
  readonly hashes: readonly string[];
}

/**
 * Reads what a requirements.txt pins and the METADATA files of installed packages (`*.dist-info/METADATA`), which also hold what
 * was installed because others need it. Pure.
 *
 * @param metadata Texts of METADATA files.
 */
export function readPython(requirements: string, metadata: readonly string[]): Found {
  const asked = parseRequirements(requirements);
  const byName = new Map(asked.map((item) => [item.name, item]));
  const installed = metadata.map(parseMetadata).filter((item) => item.name !== "");
  const purls = new Map(installed.map(({ name, version }) => [name, purl("pypi", "", name, version)]));
  for (const { name, version } of asked) if (!purls.has(name)) purls.set(name, purl("pypi", "", name, version));
  const components: Component[] = [...purls].map(([name, id]) => {
    const found = installed.find((item) => item.name === name);
    const version = found?.version ?? byName.get(name)?.version;
    return {
      purl: id,
      name,
      version,
      scope: "required",
      hashes: (byName.get(name)?.hashes ?? []).map((content) => ({ alg: "SHA-256", content })),
      licenses: found?.license === undefined ? [] : [found.license],
      dependsOn: (found?.requires ?? []).flatMap((other) => purls.get(other) ?? []).sort(),
    };
  });
  return {
    components: merged(components),
    direct: asked.flatMap(({ name }) => purls.get(name) ?? []).sort(),
    // A file of direct requirements does not say what these need; pip's metadata does, and so does a file with hashes, which pip
    // refuses unless it is complete.
    complete:
      components.every(({ version }) => version !== undefined) &&
      (installed.length > 0 || asked.length === 0 || asked.every(({ hashes }) => hashes.length > 0)),
  };
}

function parseRequirements(text: string): Requirement[] {
  return text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .flatMap((line): Requirement[] => {
      const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(line);
      if (!match) return [];
      const [, name = "", rest = ""] = match;
      const version = /^===?\s*([^\s;,]+)/.exec(rest)?.[1];
      return [
        {
          name: normal(name),
          // `==1.*` names no version.
          version: version === undefined || version.includes("*") ? undefined : version,
          hashes: [...rest.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, hash = ""]) => hash),
        },
      ];
    });
}

function parseMetadata(text: string): {
  readonly name: string;
  readonly version?: string;
  readonly license?: string;
  readonly requires: readonly string[];
} {
  const head = text.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const fields = head.split(/\r?\n/);
  const all = (name: string) =>
    fields
      .filter((line) => line.toLowerCase().startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim());
  const version = all("version")[0];
  const license = all("license-expression")[0] ?? all("license")[0];
  return {
    name: normal(all("name")[0] ?? ""),
    version,
    // Some put the whole text of the licence there.
    license: license === undefined || license === "" || license.length > 100 ? undefined : license,
    requires: all("requires-dist").map((line) => normal(/^[A-Za-z0-9._-]*/.exec(line)?.[0] ?? "")),
  };
}
