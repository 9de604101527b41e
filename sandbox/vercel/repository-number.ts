/** A number for a name, the same every time. */
export function repositoryNumber(name: string): number {
  let hash = 7;
  for (const char of name) hash = (hash * 31 + char.charCodeAt(0)) % 900_000_000;
  return hash + 100_000_000;
}
