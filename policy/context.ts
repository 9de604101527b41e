import { type Catalog, projectName } from "../model/index.ts";
import type { Context } from "./resource.ts";

type Sets = "wildcards" | "privateProjects" | "approved";
/** What rules know, as JSON carries it from one process to another. */
export type PackedContext = Omit<Context, Sets> & Readonly<Record<Sets, readonly string[]>>;

/** Pure. */
export const packed = ({ wildcards, privateProjects, approved, ...rest }: Context): PackedContext => ({
  ...rest,
  wildcards: [...wildcards],
  privateProjects: [...privateProjects],
  approved: [...approved],
});

/** Pure. */
export const unpacked = ({ wildcards, privateProjects, approved, ...rest }: PackedContext): Context => ({
  ...rest,
  wildcards: new Set(wildcards),
  privateProjects: new Set(privateProjects),
  approved: new Set(approved),
});

/** What rules know of a catalog. Pure. @param approved paid settings that were approved. @default none */
export function contextOf(catalog: Pick<Catalog, "zones" | "sites">, approved: readonly string[] = []): Context {
  const { zones, sites } = catalog;
  const answers = zones.filter(
    ({ name, wildcard, records }) => wildcard || records.some(({ host }) => host === `*.${name}`),
  );
  return {
    zones: zones.map(({ name }) => name),
    wildcards: new Set(answers.map(({ name }) => name)),
    sites: sites.map(({ host }) => host),
    privateProjects: new Set(
      sites.filter(({ tags, project }) => tags.includes("private") && project === "own").map(projectName),
    ),
    approved: new Set(approved),
  };
}
