import type { Adopted } from "./create.ts";

/**
 * The engine's targets for what is adopted: the objects, the components above them, and what every program of ours has. Nothing else
 * of the stack is made, changed or deleted. `**` stands for any text: a component's name is not in its child's URN. Pure.
 */
export function adoptionTargets(stack: string, adopted: readonly Adopted[]): string[] {
  const base = `urn:pulumi:${stack}::sitefleet::`;
  const components = new Set(
    adopted.flatMap(({ urn }) => {
      const types = urn.slice(base.length).split("::", 1)[0]?.split("$").slice(0, -1) ?? [];
      return types.map((_, index) => types.slice(0, index + 1).join("$"));
    }),
  );
  return [
    ...adopted.map(({ urn }) => urn),
    ...[...components].map((type) => `${base}${type}::**`),
    `${base}pulumi:providers:**`,
    `${base}pulumi:pulumi:**`,
  ];
}
