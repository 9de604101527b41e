import type { CustomResourceOptions } from "@pulumi/pulumi";

/**
 * The way out: changes a child's arguments or options just before it is created, in place or by returning new arguments.
 * For what a component does not offer; it runs after all of the component's own planning.
 *
 * @example (args) => { args.buildMachineType = "enhanced"; }
 */
export type Transform<Args> = (args: Args, opts: CustomResourceOptions, name: string) => Args | undefined;

/** Applies a transform, if there is one, and returns what the child is to be created with. */
export function transformed<Args>(
  transform: Transform<Args> | undefined,
  name: string,
  args: Args,
  opts: CustomResourceOptions,
): [string, Args, CustomResourceOptions] {
  return [name, transform?.(args, opts, name) ?? args, opts];
}
