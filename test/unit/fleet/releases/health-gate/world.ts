import { type Catalog, cellOf, DEFAULT_CELLS, type Site } from "../../../../../model/index.ts";
import type { CellState, SharedState, SiteState } from "../../../../../stacks/desired.ts";

/** Commits that tests write as a letter. */
export const commit = (letter: string): string => letter.repeat(40);

/** A site with a project of its own, or of the shared project `landing`. */
export function siteState(
  name: string,
  release: string,
  more: { framework?: string; shared?: boolean } = {},
): SiteState {
  const host = `${name}.qmoney.de`;
  if (more.shared) return { host, project: { kind: "shared", name: SHARED } };
  const project = { kind: "own" as const, name: `${name}-qmoney-de`, repository: "acme/sites", rootDirectory: name };
  return { host, project: { ...project, framework: more.framework ?? null }, commit: commit(release) };
}

export const cell = (...sites: SiteState[]): CellState => ({ kind: "cell", sites });

/** Name of the shared project, as the catalog makes it of repository and folder. */
export const SHARED = "shared-acme-landing-apps-landing";

/** The shared stack with one project and one zone. */
export function shared(release: string, more: { mode?: "existing" | "create"; target?: string } = {}): SharedState {
  return {
    kind: "shared",
    projects: [
      {
        name: SHARED,
        repository: "acme/landing",
        rootDirectory: "apps/landing",
        commit: commit(release),
        wildcardDomains: [],
      },
    ],
    zones: [
      {
        name: "qmoney.de",
        mode: more.mode ?? "existing",
        kind: "cname",
        wildcard: true,
        target: more.target ?? "cname.vercel-dns.com",
        records: [],
      },
    ],
    environment: { owner: "acme", repository: "fleet", environment: "production", secrets: [] },
  } as SharedState;
}

/** A catalog of these sites; what is not looked at is left out. */
export function catalogOf(
  names: readonly string[],
  sharing: readonly string[] = [],
  canary: readonly string[] = [],
): Catalog {
  const sites = [...names, ...sharing].map((name): Site => {
    const kind = sharing.includes(name) ? "shared" : "own";
    const host = `${name}.qmoney.de`;
    const tags = canary.includes(name) ? ["canary"] : [];
    return {
      name,
      zone: "qmoney.de",
      host,
      project: kind,
      repository: kind === "shared" ? "acme/landing" : "acme/sites",
      rootDirectory: kind === "shared" ? "apps/landing" : name,
      channel: "stable",
      framework: null,
      tags,
      cell: cellOf({ host, tags }, DEFAULT_CELLS),
    } as unknown as Site;
  });
  return { sites } as unknown as Catalog;
}
