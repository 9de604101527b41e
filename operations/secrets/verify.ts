import { BY_HAND, findLimit, secretsHome } from "../../model/index.ts";
import { SECRETS } from "../../vendors/index.ts";
import { planSecrets, type SecretFacts } from "./facts.ts";

/** What can be wrong with a secret; docs/guides/secrets.md says what each means. */
export const FINDINGS = ["missing", "extra", "old", "changed", "foreign", "room"] as const;

/** Something that is wrong with a secret. */
export interface SecretFinding {
  readonly kind: (typeof FINDINGS)[number];
  readonly name: string;
  /** One sentence; never a value. */
  readonly says: string;
  /** What to do about it. */
  readonly todo: string;
}

/** Two times of one write differ by less than this, ms: the provider looks a second after it has written. */
const SAME_MS = 10_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** What is missing, too much, too old, or not as we have left it. Pure. */
export function verifySecrets(facts: SecretFacts): SecretFinding[] {
  const { catalog, live = new Map<string, number>(), ours } = facts;
  const { entries } = catalog.secrets;
  const home = secretsHome(catalog);
  const planned = planSecrets(facts);
  const declared = new Set(entries.map(({ name }) => name));
  const found: SecretFinding[] = [];
  const add = (kind: SecretFinding["kind"], name: string, says: string, todo: string) =>
    found.push({ kind, name, says, todo });
  for (const { name, origin, ageDays, maxAgeDays, phase, write } of planned) {
    if (!declared.has(name)) continue;
    const [there, own] = [live.get(name), ours.get(name)];
    const byHand = origin === "by hand";
    if (there === undefined) {
      const todo = byHand
        ? `set it at ${home.repository}, environment ${home.environment}`
        : "sitefleet up --stack prod --all --refresh";
      add("missing", name, `is declared, and environment ${home.environment} does not have it`, todo);
    } else if (!byHand && own === undefined) {
      const says = `is there since ${iso(there)}, and was not written from here: the next update replaces it`;
      add(
        "foreign",
        name,
        says,
        "sitefleet secrets import --existing takes it over as it is, sitefleet secrets import with its value",
      );
    } else if (own !== undefined && Math.abs(there - own) > SAME_MS) {
      const says = `was written at ${iso(there)} by another hand; the last write from here was at ${iso(own)}`;
      add(
        "changed",
        name,
        says,
        "sitefleet secrets rotate, or import the new value; sitefleet up --refresh puts back what is declared",
      );
    }
    if (ageDays !== undefined && maxAgeDays !== undefined && ageDays > maxAgeDays && write === "kept") {
      const todo =
        origin === "generated"
          ? `sitefleet secrets rotate --secret ${name}`
          : "set a new one where it is used, then sitefleet secrets import --replace";
      const under = phase === "steady" ? "" : `; its rotation is ${phase}`;
      add("old", name, `is ${ageDays} days old, and may be ${maxAgeDays}${under}`, todo);
    }
  }
  for (const name of live.keys()) {
    if (declared.has(name)) continue;
    const says = ours.has(name)
      ? "is declared no more: the next update takes it away"
      : `is in environment ${home.environment}, and nothing declares it`;
    add(
      "extra",
      name,
      says,
      ours.has(name) ? "sitefleet up --stack prod" : `declare it (source: ${BY_HAND}), or delete it there`,
    );
  }
  const most = findLimit(catalog.limits, SECRETS.secrets?.limits.count ?? "")?.amount;
  const made = planned.filter(({ name, write }) => write === "create" && !live.has(name));
  // New ones are made before old ones go.
  const room = live.size + made.length;
  const [first] = made;
  if (most !== undefined && first !== undefined && room > most) {
    const says = `would be one of ${room} secrets for a moment, and the environment takes ${most}: new ones are made before old ones go`;
    add("room", first.name, says, "take away first what goes, then declare what comes");
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
