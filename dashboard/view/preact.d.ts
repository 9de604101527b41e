/** An element or component with its children. */
export type VNode = object;
/** What can stand in an element. */
export type ComponentChildren = VNode | string | number | boolean | null | undefined | readonly ComponentChildren[];
/** A component. */
export type ComponentType<Props> = (props: Props) => VNode | null;
export const Fragment: ComponentType<{ readonly children?: ComponentChildren }>;
export function h(type: unknown, props: unknown, ...children: ComponentChildren[]): VNode;
