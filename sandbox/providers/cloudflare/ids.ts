/** Splits an import id by its pattern, e.g. `<zone_id>/<dns_record_id>`. @throws Error that states the pattern */
export function importParts(id: string, pattern: string): [string, string] {
  const parts = id.split("/");
  const [first, second] = parts;
  if (parts.length !== 2 || !first || !second)
    throw new Error(`invalid ID: expected urlencoded segments ${pattern}, got "${id}"`);
  return [decodeURIComponent(first), decodeURIComponent(second)];
}
