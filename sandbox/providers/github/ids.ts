// Ids are `repository:environment[:name]`; a colon inside an environment's name is written `??` (github/util.go).
const SEPARATOR = ":";
const ESCAPED = "??";

/** Joins an id. The environment is escaped, the last part never needs to be. */
export function joinId(repository: string, environment: string, name?: string): string {
  const parts = [repository, environment.replaceAll(SEPARATOR, ESCAPED)];
  return (name === undefined ? parts : [...parts, name]).join(SEPARATOR);
}

/**
 * Splits an id into `count` parts, the environment unescaped.
 *
 * @throws Error when there are too few parts
 */
export function splitId(id: string, count: 2 | 3): string[] {
  const parts = id.split(SEPARATOR);
  const split = [...parts.slice(0, count - 1), parts.slice(count - 1).join(SEPARATOR)];
  if (parts.length < count || split.some((part) => part === "")) {
    throw new Error(`unexpected ID format (${id}): expected ${count} parts separated by "${SEPARATOR}"`);
  }
  return split.map((part, index) => (index === 1 ? part.replaceAll(ESCAPED, SEPARATOR) : part));
}
