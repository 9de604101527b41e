import type { SharedState } from "./desired.ts";

type Secret = SharedState["environment"]["secrets"][number];

/** Which value of a secret is in use, as the shared stack's output `rotations` keeps it. */
interface KeptRotation {
  readonly generation: number;
  /** Another value that exists beside it. */
  readonly other?: number;
  /** The secret with the name of the user that the value belongs to, where names alternate. */
  readonly user?: { readonly name: string; readonly value: string };
}

/** By the names of secrets. */
export type KeptRotations = Readonly<Record<string, KeptRotation>>;

/**
 * Declared secrets, but none with an earlier value than the one in use: databases refuse it, and its value is gone. An old checkout,
 * or a state that is gone back to, would else make a new one that no server knows. Pure.
 */
export function neverBack(
  declared: readonly Secret[],
  kept: KeptRotations,
): { readonly secrets: readonly Secret[]; readonly rotations: KeptRotations; readonly held: readonly string[] } {
  const held = declared.flatMap((secret) =>
    secret.source === "generated" && (kept[secret.name]?.generation ?? 1) > (secret.generation ?? 1)
      ? [secret.name]
      : [],
  );
  const users = new Map(held.map((name) => [kept[name]?.user?.name, kept[name]?.user?.value]));
  const secrets = declared.map((secret): Secret => {
    const value = users.get(secret.name);
    if (secret.source === "fixed" && value !== undefined) return { ...secret, value };
    if (secret.source !== "generated" || !held.includes(secret.name)) return secret;
    const { generation, other } = kept[secret.name] as KeptRotation;
    const { other: _, ...rest } = secret;
    return { ...rest, generation, ...(other === undefined ? {} : { other }) };
  });
  const rotations = Object.fromEntries(
    secrets.flatMap((secret): [string, KeptRotation][] => {
      if (secret.source !== "generated" || (secret.generation === undefined && secret.other === undefined)) return [];
      const { name, generation = 1, other } = secret;
      const own = secrets.find((one) => one.source === "fixed" && one.follows === name);
      const user = held.includes(name)
        ? kept[name]?.user
        : own?.source === "fixed"
          ? { name: own.name, value: own.value }
          : undefined;
      return [[name, { generation, ...(other === undefined ? {} : { other }), ...(user ? { user } : {}) }]];
    }),
  );
  return { secrets, rotations, held };
}
