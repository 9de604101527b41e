import type { SettingValues } from "../setup.ts";

/** Setting: slug or id of the team. */
export const TEAM = "vercelTeam";

/** The team; undefined = the token's personal account. Pure. */
export const teamIn = ({ [TEAM]: team }: SettingValues): string | undefined =>
  team === undefined || team === "none" || team === "" ? undefined : team;

/** How a question names its team: the API takes a slug beside an id (https://vercel.com/docs/rest-api, "Accessing Resources Owned by a Team"). Pure. */
export const scopeOf = (team: string | undefined): Readonly<Record<string, string>> =>
  team === undefined || team === "" ? {} : { [team.startsWith("team_") ? "teamId" : "slug"]: team };
