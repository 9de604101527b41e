/** Engines that can be dumped and restored. */
export const ENGINES = ["mariadb", "postgresql"] as const;
/** See {@link ENGINES}. */
export type Engine = (typeof ENGINES)[number];
