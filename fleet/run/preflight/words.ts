import { SitefleetError } from "../../../errors/index.ts";
import { roleOf, SECRETS } from "../../../vendors/index.ts";
import type { Finding, Kind, ShareFigures } from "./types.ts";

/** Exit code of a run that the preflight refused, see docs/reference/cli.md. */
const REFUSED_EXIT = 5;

/** One, many. */
export const NOUNS: Readonly<Record<Kind, readonly [string, string]>> = {
  zone: ["zone", "zones"],
  database: ["database", "databases"],
  project: ["shared project", "shared projects"],
  environment: [`${SECRETS.title} environment`, `${SECRETS.title} environments`],
  site: ["site", "sites"],
  service: ["service", "services"],
  secret: ["secret", "secrets"],
  record: ["DNS record", "DNS records"],
};

/** A resource's type as people say it. Pure. */
export function nounOf(type: string): string {
  const role = roleOf(type);
  if (role === "zone" || role === "service") return role;
  return type.slice(type.lastIndexOf(":") + 1);
}

/** Names, at most so many of them. Pure. */
export function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The sentence about what is taken away. Pure. */
export function shareSentence(kind: Kind, scope: string, figures: ShareFigures, here: number): string {
  const { there, deleted, replaced, percent } = figures;
  const gone = deleted + replaced;
  const [one, many] = NOUNS[kind];
  const of = scope === "estate" ? "" : ` of zone ${scope}`;
  const how =
    replaced === 0 ? "deleted" : deleted === 0 ? "replaced" : `deleted (${deleted}) or replaced (${replaced})`;
  const part = here === gone ? "" : `, ${here} of them by this run`;
  return `${gone} of ${there} ${there === 1 ? one : many}${of} (${percent} %) would be ${how}${part}`;
}

/** The sentence about what is changed. Pure. */
export function updateSentence(kind: Kind, { there, updated, percent }: ShareFigures): string {
  return `${updated} of ${there} ${NOUNS[kind][1]} (${percent} %) are changed`;
}

/** A finding in lines, as people read it: the sentence, then what to do. Pure. */
export function findingLines({ sentence, figures, safeguard, lifted, severity, wayOn = [] }: Finding): string[] {
  const limit = figures?.limit === undefined ? "" : `; more than ${figures.limit} % needs a person's word`;
  const lift =
    severity !== "refuse" || safeguard === undefined
      ? []
      : [lifted ? `allowed for this run: ${safeguard}` : `for this run alone: --allow ${safeguard}`];
  return [`${sentence}${limit}`, ...[...lift, ...wayOn].map((line) => `  ${line}`)];
}

/** The refusal of a run. Pure. */
export function preflightError(refused: readonly Finding[]): SitefleetError {
  const lift = [...new Set(refused.flatMap(({ safeguard }) => safeguard ?? []))];
  const options = lift.map((name) => `--allow ${name}`).join(" ");
  return new SitefleetError({
    code: "preflight.refused",
    message: "this run would take away too much; nothing was called or changed",
    details: refused.flatMap(findingLines),
    hint: hintOf(options, refused),
    exitCode: REFUSED_EXIT,
  });
}

function hintOf(options: string, refused: readonly Finding[]): string {
  const protection = refused.some(({ safeguard }) => safeguard === undefined);
  if (options === "") return "put it back in the catalog, or take the protection off as shown";
  const first = protection ? "take the protection off as shown, then " : "";
  return `put it back in the catalog; when it is meant to go: ${first}the same command with ${options}`;
}

/** Reads one `--allow`. @param names what it can name. @throws SitefleetError `usage` */
export function readSafeguard(text: string, names: readonly string[]): string {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new SitefleetError({
    code: "usage",
    message: `--allow takes one of ${names.join(", ")}, not ${text}`,
    hint: "docs/reference/preflight.md and docs/reference/gates.md say what each lifts",
  });
}
