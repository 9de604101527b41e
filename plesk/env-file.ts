/**
 * Why a value cannot stand in a `.env` file that all readers read the same; undefined when it can. The readers: Node's `util.parseEnv`, a
 * POSIX shell that sources the file, python-dotenv, phpdotenv, Symfony and docker compose. They agree on three forms: bare plain
 * characters, single quotes around what has no quote of that kind, and double quotes around what means nothing special in them.
 */
export function envProblem(value: string): string | undefined {
  if (formOf(value) !== undefined) return undefined;
  if (/\r/.test(value)) return "holds a carriage return, which Node leaves out";
  if (/[^\P{Cc}\t\n]/u.test(value)) return "holds a control character";
  if (INTERPOLATED.test(value))
    return "holds a name in `$` and braces, which python-dotenv replaces in every kind of quotes";
  if (/\n/.test(value)) return 'holds a line break beside one of " $ ` \\';
  if (/'/.test(value)) return 'holds a single quote beside one of " $ ` \\';
  return "ends with a backslash, or holds two in a row, which readers take for one";
}

/**
 * The text of a `.env` file, sorted by name.
 *
 * @throws Error for a value that {@link envProblem} finds something in: it is asked before anything is changed.
 */
export function renderEnv(env: Readonly<Record<string, string>>): string {
  return Object.keys(env)
    .sort()
    .map((name) => {
      const value = formOf(env[name]!);
      if (value === undefined) throw new Error(`the value of ${name} cannot be written to a .env file`);
      return `${name}=${value}\n`;
    })
    .join("");
}

/** python-dotenv replaces this in values of any form (`dotenv/variables.py`), and knows no escape for it. */
const INTERPOLATED = /\$\{[^}]*\}/;

function formOf(value: string): string | undefined {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value;
  if (/[^\P{Cc}\t\n]/u.test(value) || INTERPOLATED.test(value)) return undefined;
  // python-dotenv undoes \\ and \' in single quotes; phpdotenv ends a value in them with its line.
  if (!/['\n]|\\\\|\\$/.test(value)) return `'${value}'`;
  // A shell, Node and the others differ in what a backslash does in double quotes, and in what they replace.
  return /["$`\\]/.test(value) ? undefined : `"${value}"`;
}
