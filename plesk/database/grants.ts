import type { Engine } from "../commands/database/index.ts";

/** Rights without which a dump or a restore fails half way (SELECT … LOCK TABLES alone can do neither: tried with MariaDB 10.11). */
const MARIADB_NEEDED = [
  "SELECT",
  "INSERT",
  "CREATE",
  "DROP",
  "ALTER",
  "INDEX",
  "REFERENCES",
  "LOCK TABLES",
  "CREATE VIEW",
  "SHOW VIEW",
  "CREATE ROUTINE",
  "ALTER ROUTINE",
  "EVENT",
  "TRIGGER",
] as const;

/** Does a pattern of a GRANT (with `_`, `%` and backslashes) cover a database's name? */
function covers(pattern: string, database: string): boolean {
  let expression = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index]!;
    const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    if (char === "\\" && index + 1 < pattern.length) expression += literal(pattern[++index]!);
    else if (char === "%") expression += ".*";
    else if (char === "_") expression += ".";
    else expression += literal(char);
  }
  return new RegExp(`^${expression}$`, "s").test(database);
}

function mariadbMissing(lines: readonly string[], database: string): string[] {
  const has = new Set<string>();
  for (const line of lines) {
    const match = /^GRANT (.+) ON (\*|`(?:[^`]|``)*`)\.\* TO /.exec(line);
    if (!match) continue;
    const pattern = match[2]!.replace(/^`|`$/g, "").replaceAll("``", "`");
    if (match[2] !== "*" && !covers(pattern, database)) continue;
    for (const right of match[1]!.split(", ")) has.add(right);
  }
  const foreign = lines
    .filter((line) => line.startsWith("definer "))
    .map((line) => `the rights of ${line.slice("definer ".length)}`);
  if (has.has("ALL PRIVILEGES")) return foreign;
  return [...MARIADB_NEEDED.filter((right) => !has.has(right)), ...foreign];
}

/**
 * What a database user lacks for a snapshot that can be restored, in the engine's words; empty when nothing. Pure.
 *
 * @param lines What `grants` of the engine's dialect said.
 */
export function missingGrants(engine: Engine, lines: readonly string[], database: string): string[] {
  if (engine === "mariadb") return mariadbMissing(lines, database);
  return lines.flatMap((line) => {
    if (line === "no-create") return ["CREATE on schema public"];
    return line.startsWith("not-owner ") ? [`ownership of ${line.slice("not-owner ".length)}`] : [];
  });
}
