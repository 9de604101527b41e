/** What GitHub allows as the name of a secret or variable (github/util.go, `validateSecretNameFunc`). */
export function checkName(value: unknown): string | undefined {
  const name = String(value);
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    return "secret names can only contain alphanumeric characters or underscores and must not start with a number";
  }
  if (name.toUpperCase().startsWith("GITHUB_")) return "secret names must not start with the GITHUB_ prefix";
  return undefined;
}
