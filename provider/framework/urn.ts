/** The parts of a URN: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`. */
export interface Urn {
  readonly stack: string;
  readonly project: string;
  /** The resource's own type token, without those of its parents. */
  readonly type: string;
  /** The logical name; it may hold `::` itself, as an IPv6 address does. */
  readonly name: string;
}

const PREFIX = "urn:pulumi:";
const SEPARATOR = "::";

/**
 * Takes a URN apart as the engine does: three separators, and all that follows is the name. Parts that are missing are empty.
 * Pure. https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
 */
export function parseUrn(urn: string): Urn {
  const [head = "", project = "", types = "", ...name] = urn.split(SEPARATOR);
  return {
    stack: head.startsWith(PREFIX) ? head.slice(PREFIX.length) : head,
    project,
    type: types.slice(types.lastIndexOf("$") + 1),
    name: name.join(SEPARATOR),
  };
}

/** The logical name in a URN. Pure. */
export const nameOfUrn = (urn: string): string => parseUrn(urn).name;

/** The resource's type token in a URN. Pure. */
export const typeOfUrn = (urn: string): string => parseUrn(urn).type;

/** Whether it is the URN of a stack itself, which stands for its program. Pure. */
export const isStackUrn = (urn: string): boolean => typeOfUrn(urn) === "pulumi:pulumi:Stack";
