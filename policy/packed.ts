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
