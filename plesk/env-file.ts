/**
 * The text of a `.env` file, sorted by name. Plain values stay bare, all others are in single quotes, which every common
 * reader (dotenv, python-dotenv, Symfony, docker compose) takes literally; values with a single quote or a line break are in
 * double quotes with escapes.
 */
export function renderEnv(env: Readonly<Record<string, string>>): string {
  return Object.keys(env)
    .sort()
    .map((name) => `${name}=${renderValue(env[name]!)}\n`)
    .join("");
}

function renderValue(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value;
  if (!/['\n\r]/.test(value)) return `'${value}'`;
  const escaped = value
    .replace(/[\\"$`]/g, (char) => `\\${char}`)
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}
