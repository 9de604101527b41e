import { getDomain } from "tldts";
import { type Role, roleOf, takesProtection } from "../../vendors/index.ts";
import type { Step } from "../engine/outcome.ts";
import { SECRET } from "../engine/values.ts";
import { type Change, GROUPS, type Group } from "./shape.ts";

/** Roles by how much hangs on one resource, most first; others stand behind them. */
const WEIGHTS: readonly (readonly Role[])[] = [
  ["zone", "zone-setting"],
  ["project"],
  ["site-domain", "domain-name"],
  ["record", "edge"],
  ["service"],
  ["environment", "secret", "generated"],
];
/** Entries of deployments that are no longer declared: releases hold what is live, and deleting an entry deletes nothing. */
const LIGHT: Role = "deployment";
const DOMAINS: readonly (Role | undefined)[] = ["record", "site-domain", "domain-name"];
const SECRETS: readonly (Role | undefined)[] = ["secret", "generated", "variable"];

/** Whether a resource says which deployment visitors see. Pure. */
export const isRelease = ({ type }: { readonly type: string }): boolean => roleOf(type) === "release";

/** The group of a step. Pure. */
export function groupOf(step: Step): Group {
  if (step.component) return "grouping";
  if (step.op === "delete") return "delete";
  if (step.op.includes("replace")) return "replace";
  if (step.diffs.some((diff) => unprotects(step, diff))) return "protection";
  if (touchesZone(step)) return "apex";
  if (DOMAINS.includes(roleOf(step.type))) return "domain";
  if (isSecret(step)) return "secret";
  if (step.op === "create" || step.op === "import") return "create";
  return isRelease(step) && step.diffs.some(({ path }) => path === "ref") ? "release" : "update";
}

/** The zone itself, its settings, and the records that many names hang on: at the apex, and the wildcard below it. */
function touchesZone({ type, name, parent }: Pick<Change, "type" | "name" | "parent">): boolean {
  const role = roleOf(type);
  if (role === "zone" || role === "zone-setting") return true;
  if (role !== "record") return false;
  const host = (name.split("/")[0] ?? "").replace(/^\*\./, "");
  return host === parent || host === getDomain(host);
}

function isSecret({ type, op, diffs }: Step): boolean {
  const role = roleOf(type);
  if (SECRETS.includes(role)) return true;
  // A service's command takes its whole document as a secret: that is a release, not a secret.
  if (op === "create" || op === "import" || role === "service") return false;
  return diffs.some((diff) => diff.old === SECRET || diff.new === SECRET);
}

/** Whether a property that keeps visitors out does so less. Only of what exists: what is new had nothing. */
function unprotects({ type, op }: Step, { path, old, new: next }: Step["diffs"][number]): boolean {
  if (op === "create" || op === "import") return false;
  const input = /^[^.[]+/.exec(path)?.[0] ?? "";
  return takesProtection(type, input, parsed(old), parsed(next));
}

/** A shown value; what is masked, unknown or cut stays text. */
function parsed(shown: string | undefined): unknown {
  if (shown === undefined) return undefined;
  try {
    return JSON.parse(shown);
  } catch {
    return shown;
  }
}

function weight(change: Change): number {
  const role = roleOf(change.type);
  if (role === "record" && touchesZone(change)) return -1;
  if (role === LIGHT) return WEIGHTS.length + 1;
  const found = role === undefined ? -1 : WEIGHTS.findIndex((roles) => roles.includes(role));
  return found < 0 ? WEIGHTS.length : found;
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const isNew = ({ op }: Change) => op === "create" || op === "import";

/** Order of changes: group, protected ones, what exists before what is new, what hangs on the type, then stack and URN. Total and the same on any machine. */
export function compareChanges(a: Change, b: Change): number {
  return (
    GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) ||
    Number(b.protect ?? false) - Number(a.protect ?? false) ||
    Number(isNew(a)) - Number(isNew(b)) ||
    weight(a) - weight(b) ||
    text(a.stack, b.stack) ||
    text(a.urn, b.urn) ||
    text(a.op, b.op) ||
    text(a.id ?? "", b.id ?? "")
  );
}
