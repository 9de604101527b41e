import type { z } from "zod";
import type { Frozen } from "./frozen.ts";
import type { RotationRulesShape, SecretShape } from "./shape/secrets.ts";

/** Where a secret's rotation stands. */
export type Rotation = Frozen<NonNullable<z.output<typeof SecretShape>["rotation"]>>;
/** How secrets are rotated. */
export type RotationRules = Frozen<z.output<typeof RotationRulesShape>>;

/** Of a secret that was never rotated. */
export const FIRST: Rotation = { current: 1 };
/** GitHub ends a job after six hours. */
export const DEFAULT_ROTATION: RotationRules = { longestJobMinutes: 360, administrators: [] };

/** The generations whose values exist, the current one first. Pure. */
export const generationsOf = ({ current, next, retired }: Rotation): readonly number[] =>
  [current, next, retired].filter((one) => one !== undefined);

/**
 * The name that a database is logged in to with a generation's password. MariaDB's accounts take two passwords. PostgreSQL's take
 * one: there two login roles alternate over one that owns everything, and the first value is that owner's own. Pure.
 */
export function loginOf(
  owner: string,
  engine: "mariadb" | "postgresql",
  generation: number,
  { window }: Pick<Rotation, "window"> = {},
): string {
  if (engine === "mariadb" || window || generation === 1) return owner;
  return `${owner}_${generation % 2 === 0 ? "b" : "a"}`;
}
