import type { SettingValues } from "../setup.ts";

/** Setting: slug or id of the team. */
export const TEAM = "vercelTeam";

/** The team; undefined = the token's personal account. Pure. */
export const teamIn = ({ [TEAM]: team }: SettingValues): string | undefined =>
  team === undefined || team === "none" || team === "" ? undefined : team;
