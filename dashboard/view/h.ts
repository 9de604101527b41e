import { type ComponentChildren, type ComponentType, Fragment, h as make, type VNode } from "./preact.js";

export type { ComponentChildren, VNode };
export { Fragment };

/** Attributes of an element: texts and numbers are set as they are, functions listen. */
type Attributes = Readonly<Record<string, unknown>>;

/** Makes an element or a component's node. A text among the children stays a text, whatever stands in it. */
export const h = <Props>(
  type: string | ComponentType<Props>,
  props: (Props & Attributes) | Attributes | null,
  ...children: ComponentChildren[]
): VNode => make(type, props, ...children);
