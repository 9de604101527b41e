import { holdsToken } from "../errors/token-forms.ts";
import { type Resource, type Rule, textsIn } from "./resource.ts";

/** From so many characters on a variable's value can be a key; a shorter one of full chance has under 100 bits. */
const SHORTEST = 24;
/**
 * Bits a character from which on a text is chance: English and slugs have 3 to 4, base64 of random bytes has 4.5 and more from 32
 * characters on (https://owasp.org/www-community/vulnerabilities/Insufficient_Entropy).
 */
const CHANCE = 4.2;
/** Names of variables that say that their value is a secret. `NEXT_PUBLIC_…` and its like are sent to every visitor. */
const NAMED = /(SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_KEY|API_?KEY|CREDENTIAL)/i;
const PUBLIC = /^(NEXT_PUBLIC|NUXT_PUBLIC|VITE|PUBLIC|GATSBY|REACT_APP)_/;

/** No credential is a plain input: it would stand in clear in the state, the preview and the vendor's dashboard. */
export const plainSecret: Rule = {
  id: "plain-secret",
  description: "No credential stands in a plain variable or input.",
  instead: "declare it in catalog/secrets.yaml; a program wraps it in pulumi.secret()",
  check({ props }) {
    const tokens = textsIn(props)
      .filter(({ text }) => holdsToken(text))
      .map(({ path }) => `${path} has the form of a credential`);
    const variables = variablesOf(props).flatMap(({ path, key, value }) => {
      if (holdsToken(value) || value === "") return [];
      if (NAMED.test(key) && !PUBLIC.test(key))
        return [`${path}: the variable ${key} is named as a secret and is plain`];
      return isChance(value) ? [`${path}: the value of ${key} looks like a random key and is plain`] : [];
    });
    return [...tokens, ...variables];
  },
};

/** Variables that programs see: lists of key and value, or a vendor's resource of one variable. */
function variablesOf(props: Resource["props"]): { path: string; key: string; value: string }[] {
  const one = (path: string, item: Readonly<Record<string, unknown>>) => {
    const key = item.key ?? item.variableName;
    return typeof key === "string" && typeof item.value === "string" ? [{ path, key, value: item.value }] : [];
  };
  const lists = Object.entries(props).flatMap(([name, list]) =>
    Array.isArray(list)
      ? list.flatMap((item, index) =>
          typeof item === "object" && item !== null
            ? one(`${name}[${index}]`, item as Readonly<Record<string, unknown>>)
            : [],
        )
      : [],
  );
  return [...one("value", props), ...lists];
}

/** Whether a text is as good as random. Pure. */
export function isChance(text: string): boolean {
  if (text.length < SHORTEST || !/^[A-Za-z0-9+/_=-]+$/.test(text)) return false;
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text) || !/\d/.test(text)) return false;
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const bits = [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
  return bits >= Math.min(CHANCE, Math.log2(text.length) * 0.9);
}
