/** A package that an artifact was made of, as its lockfile says. */
export interface Component {
  /** Package URL; identifies the component. */
  readonly purl: string;
  /** Name as the package manager has it, scope or vendor included. */
  readonly name: string;
  /** Undefined when nothing pins it. */
  readonly version?: string;
  /** `excluded`: used to build, not part of what runs. */
  readonly scope: "required" | "optional" | "excluded";
  readonly hashes: readonly { readonly alg: Algorithm; readonly content: string }[];
  /** As the package states them. */
  readonly licenses: readonly string[];
  /** Where it was fetched from. */
  readonly source?: string;
  /** Package URLs of what it depends on. */
  readonly dependsOn: readonly string[];
}

/** Hash algorithms by CycloneDX's names. */
export type Algorithm = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

/** What the lockfiles of one package manager say. */
export interface Found {
  readonly components: readonly Component[];
  /** Package URLs of what the service itself depends on. */
  readonly direct: readonly string[];
  /** Every package is there, with its version. */
  readonly complete: boolean;
}

// packageurl-js writes npm names in lower case: JSONStream and jsonstream, two packages, would be one component.
/** A package URL (https://github.com/package-url/purl-spec). Pure. @param namespace Scope or vendor. */
export function purl(type: "npm" | "composer" | "pypi", namespace: string, name: string, version?: string): string {
  const part = (text: string) =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, hex)
      .replaceAll("%3A", ":");
  const prefix = namespace === "" ? "" : `${namespace.split("/").map(part).join("/")}/`;
  return `pkg:${type}/${prefix}${part(name)}${version === undefined ? "" : `@${part(version)}`}`;
}

const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

/** An address without user, password, query and fragment: they may be a login. Undefined when it is none of http(s). */
export function plainAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Makes one component of those that stand for the same package: npm installs one version at several places. */
export function merged(components: readonly Component[]): Component[] {
  const byPurl = new Map<string, Component>();
  const rank = { required: 0, optional: 1, excluded: 2 };
  for (const component of components) {
    const known = byPurl.get(component.purl);
    if (known === undefined) byPurl.set(component.purl, component);
    else {
      byPurl.set(component.purl, {
        ...known,
        scope: rank[component.scope] < rank[known.scope] ? component.scope : known.scope,
        dependsOn: [...new Set([...known.dependsOn, ...component.dependsOn])],
      });
    }
  }
  return [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}
