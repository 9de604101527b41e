import { isIP } from "node:net";

/**
 * Characters from which on a secret is taken out of texts. A shorter one is no secret worth the name, and would take half of every text
 * with it: ports, `root`, `true`.
 */
const SHORTEST_SECRET = 6;

/** Words that configurations are full of: a secret that is one of them is none, and its place in a text is the text's own. */
const WORDS = new Set(
  (
    "default develop development disabled enabled example false global internal localhost mariadb master nobody password " +
    "postgres postgresql private production public secret secrets service staging testing undefined username utf8mb4 website"
  ).split(" "),
);

/**
 * Whether a value is to be taken out of texts wherever it stands: the one rule for the driver and the providers. Not what is short, an
 * address, a word of every configuration, or declared elsewhere in the open. Pure.
 *
 * @param open Values that are no secrets, since they are declared as plain configuration. @default none
 */
export function isTakenOut(value: string, open: ReadonlySet<unknown> = new Set()): boolean {
  const text = value.trim();
  return text.length >= SHORTEST_SECRET && !open.has(text) && isIP(text) === 0 && !WORDS.has(text.toLowerCase());
}
