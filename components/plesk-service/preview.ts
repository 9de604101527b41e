import type { PlanResult } from "../../plesk/transaction/plan.ts";

/** An error as the driver prints it. */
interface DriverError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: readonly string[];
}

/** What a look at the host said about one service. */
export type Look =
  | { readonly ok: true; readonly plan: PlanResult }
  | { readonly ok: false; readonly error: DriverError };

/** A look, and whether an update is due. */
export interface Preview {
  readonly look: Look;
  /** What is declared differs from what the last update deployed, secrets apart; or there was none. */
  readonly due: boolean;
  /** What else than its artifact is declared otherwise than at the last update, and what that does; one line each. @default [] */
  readonly inputs?: readonly string[];
}

/** A preview in words. Nothing to say when the service stays as it is. */
export interface PreviewText {
  readonly level?: "info" | "warn";
  readonly text: string;
  /** Why an update would be refused, one line each; empty when it would not, or when no update is due. */
  readonly refusals: readonly string[];
}

/** Itemised changes that are shown; more are only counted. */
export const SHOWN_ITEMS = 20;

/** Says what an update would do to a service, and how the host differs from the last deployment. Pure. */
export function describePreview({ look, due, inputs = [] }: Preview): PreviewText {
  if (!look.ok) {
    const { code, message, hint, details = [] } = look.error;
    // Without an artifact the host is not asked.
    const head = code.startsWith("plesk.artifact") ? `REFUSED: ${message}` : `the host could not be asked: ${message}`;
    const lines = [head, ...details, ...(hint === undefined ? [] : [hint])];
    return { level: "warn", text: lines.join("\n  "), refusals: [`${message} [${code}]`] };
  }
  const { plan } = look;
  if (!due) return withInputs(describeStanding(plan), inputs);
  const refusals = plan.refusals.map(
    ({ code, message, hint }) => `${message}${wayOut(code, hint, plan.release)} [${code}]`,
  );
  return withInputs({ level: "info", text: planLines(plan).join("\n  "), refusals }, inputs);
}

/** What is declared otherwise comes first: it is what a person looks for. */
function withInputs(text: PreviewText, inputs: readonly string[]): PreviewText {
  if (inputs.length === 0) return text;
  return {
    ...text,
    level: text.level ?? "info",
    text: [...inputs, ...(text.text === "" ? [] : [text.text])].join("\n  "),
  };
}

/** A service that no update is due for: is it still what was deployed? */
function describeStanding(plan: PlanResult): PreviewText {
  if (plan.outcome === "unchanged") {
    const lines = standingLines(plan);
    return lines.length === 0 ? { text: "", refusals: [] } : { level: "info", text: lines.join("\n  "), refusals: [] };
  }
  const bad = plan.refusals.some(({ code }) => code === "plesk.bad-release");
  const serves = plan.live === null ? "is out of service on the host" : `serves ${short(plan.live)}`;
  const text = [
    `${serves}, not ${short(plan.release)}, which the last update deployed${bad ? " and which was rolled back" : ""}`,
    "an update leaves it so: nothing else is declared",
    bad
      ? `to bring it back: sitefleet plesk rollback --service ${plan.service} --to ${short(plan.release)}`
      : `to go on: deploy another artifact, or sitefleet plesk rollback --service ${plan.service} --to ${short(plan.release)}`,
  ];
  return { level: "warn", text: text.join("\n  "), refusals: [] };
}

/** What a service that stays as it is has on its host beside what was deployed. */
function standingLines(plan: PlanResult): string[] {
  const apart = plan.shares.filter(({ panel }) => !panel);
  return [
    ...writtenLines(plan, "gone with the next release"),
    ...apart.map(({ path }) => `${path} is no link to shared/ any more`),
    ...(apart.length > 0 ? [`to mend that: sitefleet plesk deploy --service ${plan.service}`] : []),
  ];
}

/** Names that a line holds. */
const SHOWN_NAMES = 5;

/** What was written on the host, and how it stays. */
function writtenLines({ written, moreWritten, offers }: PlanResult, fate: string): string[] {
  if (written.length === 0) return [];
  const named = written.slice(0, SHOWN_NAMES);
  const more = written.length - named.length + moreWritten;
  const offer = offers.slice(0, SHOWN_NAMES).map((path) => (path.startsWith('"') ? path : `"${path}"`));
  const others = offers.length > offer.length ? ", …" : "";
  return [
    `written on the host since the deployment, ${fate}: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    ...(offer.length > 0 ? [`to keep it: \`shared: [${offer.join(", ")}${others}]\` in services.yaml`] : []),
  ];
}

const SHARED = {
  move: "what lies there is moved to shared/ and linked",
  merge: "what lies there goes to what shared/ has, and is linked",
  link: "is linked to shared/",
} as const;

/** The plan in lines, the first one a summary. */
export function planLines(plan: PlanResult): string[] {
  const { created, changed, deleted, bytes, host } = plan;
  const from = plan.live === null || plan.live === plan.release ? "" : `${short(plan.live)} -> `;
  const head = `release ${from}${short(plan.release)}: ${OUTCOMES[plan.outcome]}`;
  const counts = `${created} created, ${changed} changed, ${deleted} deleted, ${size(bytes)}`;
  const items = plan.items.slice(0, SHOWN_ITEMS);
  const more = plan.items.length - items.length + plan.more;
  return [
    plan.outcome === "unchanged" ? head : `${head}, ${counts}`,
    ...(plan.outcome === "unchanged" ? [] : [attestedLine(plan), ...leftOutLines(plan)]),
    ...(plan.pending
      ? [
          `a run was cut off: first what it left is put back, so that ${plan.live === null ? "nothing" : short(plan.live)} is live`,
        ]
      : []),
    ...(plan.converts ? ["the document root becomes the release `original`, once"] : []),
    ...databaseLines(plan),
    ...items,
    ...(more > 0 ? [`… and ${more} more`] : []),
    ...writtenLines(plan, plan.outcome === "unchanged" ? "gone with the next release" : "gone with the switch"),
    ...plan.shares.map(({ path, how }) => `${path}: ${SHARED[how]}`),
    ...(plan.run.length > 0 ? [`steps: ${plan.run.join(", ")}`] : []),
    ...migrationLines(plan),
    hostLine(host),
    ...plan.locks.map((holder) => `locked by ${holder}`),
    ...plan.refusals.map(
      ({ code, message, hint }) => `REFUSED: ${message}${wayOut(code, hint, plan.release)} [${code}]`,
    ),
  ];
}

/** What decides whether and how a service is deployed to an account. */
const TOLD = /^(rsync|tar|php|python3|node|drush|cv|docker|docker-compose|mariadb|mysql|psql|pg_dump|openssl)$/;

function hostLine({ profile, shell, tools, writable, sameFileSystem, freeBytes }: PlanResult["host"]): string {
  const has = tools.filter((tool) => TOLD.test(tool));
  const facts = [
    `${profile}, ${shell}`,
    has.join(" ") || "none of the tools asked for",
    ...(writable ? [] : ["not writable"]),
    ...(sameFileSystem === false ? ["document root on another file system"] : []),
    ...(freeBytes === null ? [] : [`${size(freeBytes)} free`]),
  ];
  return `host: ${facts.join(", ")}`;
}

const OUTCOMES: Readonly<Record<PlanResult["outcome"], string>> = {
  unchanged: "is live already",
  switch: "lies on the host, is switched to",
  release: "is uploaded",
};

function attestedLine({ attestation }: PlanResult): string {
  if (attestation === null) return "not attested: nothing says what the artifact was built from";
  const { builder, commit, dirty, builtAt } = attestation;
  const source = commit === null ? "no commit" : `${commit}${dirty ? " and changes in no commit" : ""}`;
  return `attested: built by ${builder} from ${source}${builtAt === null ? "" : ` at ${builtAt}`}`;
}

/** A pattern that matches more than was meant, or nothing, shows here. */
function leftOutLines({ leftOut }: PlanResult): string[] {
  if (leftOut.length === 0) return [];
  return [
    `left out: ${leftOut.map(({ pattern, files }) => `${pattern} ${files} file${files === 1 ? "" : "s"}`).join(", ")}`,
  ];
}

/** Another database: what it is, and what stays behind. */
function databaseLines({ database }: PlanResult): string[] {
  if (database === null) return [];
  const { from, to, engine, server, bytes } = database;
  const parts = [
    `database ${from} -> ${to}`,
    ...(engine ? [`${engine.from} -> ${engine.to}`] : []),
    ...(server ? [`${server.from} -> ${server.to}`] : []),
  ];
  const holds = bytes === null ? "" : bytes === 0 ? `${to} is empty; ` : `${to} holds about ${size(bytes)}; `;
  return [
    `${parts.join(", ")}: checks and migrations run against the new one`,
    `${holds}${from} stays as it is, and nothing is copied from it`,
  ];
}

const ESTIMATED = { snapshot: "by the last one", size: "by the data's size" } as const;

function migrationLines({ migrations, snapshot, restoreSeconds, estimatedBy }: PlanResult): string[] {
  const lines: string[] = [];
  if (migrations === "unknown") lines.push("migrations: known only by running them, so taken as irreversible");
  else if (migrations.length > 0) {
    const named = migrations.map(({ name, reversible }) => `${name} (${reversible ? "reversible" : "irreversible"})`);
    lines.push(`migrations: ${named.join(", ")}`);
  }
  if (snapshot !== null) {
    const time =
      estimatedBy === null ? "known once there is one" : `about ${restoreSeconds} s, ${ESTIMATED[estimatedBy]}`;
    lines.push(`snapshot of ${snapshot} before it migrates; restoring it: ${time}`);
  }
  return lines;
}

/** Safeguards, by the code of what they refuse. */
const LIFTED: Readonly<Record<string, string>> = {
  "plesk.delete-share": "delete-share",
  "plesk.bad-release": "bad-release",
  "plesk.no-snapshot": "no-snapshot",
  "plesk.protected-path": "protected-path",
};

/** What helps: a safeguard is lifted in services.yaml, for just this release. */
function wayOut(code: string, hint: string | undefined, release: string): string {
  const safeguard = LIFTED[code];
  if (safeguard === undefined) return hint === undefined ? "" : `; ${hint}`;
  return `; when it is meant: \`allow: [{ safeguard: ${safeguard}, release: "${short(release)}" }]\` in services.yaml`;
}

const short = (release: string): string => release.slice(0, 12);

function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
