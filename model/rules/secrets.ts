import type { Draft, SecretDraft } from "../draft.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { LimitOf } from "./limits.ts";

/** GitHub: letters, digits, underscore; neither a digit nor GITHUB_ in front. Lower case is refused: GitHub raises it. */
const NAME = /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,254}$/;
/** Names whose value cannot be public. */
const CONFIDENTIAL = /(PASS|PASSWORD|TOKEN|SECRET|PRIVATE|API_KEY|_KEY)($|_)/;

/** What secrets must hold to. */
export function secretRules(draft: Draft, report: Report, limitOf: LimitOf): void {
  const secrets = draft.secrets;
  if (!secrets) return;
  const lines = new Map<string, number>();
  for (const entry of secrets) {
    const { name } = entry.value;
    checkName(name, (wrong, allowed) => report("secret.name", entry.at("name"), wrong, allowed));
    const first = lines.get(name);
    if (first === undefined) lines.set(name, entry.at("name").line);
    else
      report(
        "secret.name",
        entry.at("name"),
        `${show(name)} stands a second time, first in line ${first}`,
        "one of them",
      );
    checkSource(entry, report);
    checkRotation(entry, report);
    checkSize(entry, report, limitOf("github.environment-secret-bytes"));
  }
  const limit = limitOf("github.environment-secrets");
  const over = secrets[limit];
  if (over)
    report("secret.count", over.at("name"), `the environment would have ${secrets.length} secrets`, `at most ${limit}`);
  checkDatabases(draft, secrets, report);
}

function checkName(name: string, wrong: (wrong: string, allowed: string) => void): void {
  if (!NAME.test(name))
    wrong(`${show(name)} is no name for a secret`, "A-Z, 0-9 and _, not beginning with a digit or GITHUB_");
}

function checkSource(entry: Entry<SecretDraft>, report: Report): void {
  const { name, source, value, bytes } = entry.value;
  const add = (field: string, wrong: string, allowed: string) =>
    report("secret.source", entry.at(field), wrong, allowed);
  if (value !== undefined && source !== "config")
    add("value", `is given for source ${source}`, "values for source config only");
  if (value !== undefined && CONFIDENTIAL.test(name)) {
    add(
      "value",
      `is given for ${name}, which is confidential`,
      "no value: it comes from the stack's encrypted configuration",
    );
  }
  if (typeof value === "string" && (value === "" || /[\p{Cc}]/u.test(value)))
    add("value", "is empty or has a control character", "one line of text");
  if (bytes !== undefined && source === "config")
    add("bytes", "is given for source config", "bytes for generated ones and database passwords");
}

function checkRotation(entry: Entry<SecretDraft>, report: Report): void {
  const { source, rotation } = entry.value;
  const add = (field: string, wrong: string, allowed: string) =>
    report("secret.rotation", entry.at("rotation", field), wrong, allowed);
  if (rotation === undefined) return;
  const { current, next, retired, since, connection, window } = rotation;
  if (source === "config" || source === "github") {
    add("current", `is given for source ${source}`, "a rotation of generated values and database passwords");
    return;
  }
  if (next !== undefined && retired !== undefined) add("next", "stands beside retired", "one of them at a time");
  if (next !== undefined && next !== current + 1)
    add("next", `is ${next}, and current is ${current}`, `${current + 1}`);
  if (retired !== undefined && retired !== current - 1)
    add("retired", `is ${retired}, and current is ${current}`, `${current - 1}`);
  if (source === "generated" && (next ?? retired ?? window) !== undefined)
    add("current", "names two values of a secret that takes one", "only current for source generated");
  if (retired === undefined && (since ?? connection) !== undefined)
    add("since", "is given without retired", "since and connection beside retired only");
}

function checkSize(entry: Entry<SecretDraft>, report: Report, limit: number): void {
  const { value, bytes } = entry.value;
  // Random bytes are stored as hex at the longest.
  const size = value === undefined ? (bytes ?? 0) * 2 : Buffer.byteLength(String(value));
  if (size > limit)
    report("secret.size", entry.at(value === undefined ? "bytes" : "value"), `makes ${size} bytes`, `at most ${limit}`);
}

/** Databases and their secrets, in both directions. */
function checkDatabases(draft: Draft, secrets: readonly Entry<SecretDraft>[], report: Report): void {
  const byName = new Map(secrets.map((entry) => [entry.value.name, entry]));
  const wanted = new Map<string, "user" | "password">();
  for (const { value: service, at } of draft.services ?? []) {
    if (!service.database) continue;
    for (const [part, field] of [
      ["user", "userSecret"],
      ["password", "passwordSecret"],
    ] as const) {
      const name = service.database[field];
      wanted.set(name, part);
      checkName(name, (wrong, allowed) => report("secret.name", at("database", field), wrong, allowed));
      const found = byName.get(name);
      if (!found && !draft.secretNames?.has(name)) {
        report(
          "secret.database",
          at("database", field),
          `${show(name)} of service ${service.key} is not in secrets.yaml`,
          "an entry with source: database",
        );
      } else if (found && found.value.source !== "database") {
        report(
          "secret.database",
          found.at("source"),
          `is ${found.value.source}, but service ${service.key} uses it for its database`,
          "source: database",
        );
      }
    }
  }
  // A service that could not be read may be the one that a secret belongs to.
  if (!draft.services || !draft.servicesComplete) return;
  for (const entry of secrets) {
    const { name, source, bytes } = entry.value;
    if (source !== "database") continue;
    const part = wanted.get(name);
    if (part === undefined) {
      report(
        "secret.database",
        entry.at("name"),
        `${show(name)} belongs to no service's database`,
        "the user or password of a database in services.yaml",
      );
    } else if (part === "user" && bytes !== undefined) {
      report("secret.source", entry.at("bytes"), "is given for a user's name, which is not random", "no bytes");
    } else if (part === "user" && entry.value.rotation !== undefined) {
      const allowed = "the rotation of the password: the name follows it";
      report("secret.rotation", entry.at("rotation"), "is given for a user's name", allowed);
    }
  }
}
