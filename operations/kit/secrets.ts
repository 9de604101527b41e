import { isTakenOut } from "../../errors/redact.ts";

/** Names of variables whose value is a secret. */
const SECRET = /TOKEN|SECRET|PASSW|PASSPHRASE|PRIVATE|CREDENTIAL|API_?KEY|WEBHOOK|SMTP|ACCESS_KEY/;

/** A function that takes this environment's secrets out of a text. Pure. */
export function withoutSecretsOf(env: NodeJS.ProcessEnv): (text: string) => string {
  const named = Object.entries(env).filter(([name]) => SECRET.test(name));
  const values = named.map(([, value]) => value?.trim() ?? "").filter((value) => isTakenOut(value));
  // The longest first: one may be part of another.
  values.sort((a, b) => b.length - a.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, "[secret]"), text);
}
