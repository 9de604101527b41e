import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type Approvers, type Gates, readGates } from "../../model/index.ts";
import type { Store } from "../backend/store/store.ts";
import { type BaseView, readBase } from "./base.ts";
import { graver, type JudgeGateOptions, judgeGates } from "./judge.ts";
import { lastTrusted } from "./kept.ts";
import type { People } from "./people.ts";
import type { GateFacts, Verdict } from "./types.ts";

/** What must be asked of a change, and who may answer. */
export interface GatePolicy {
  /** Approvals are asked for: there are approvers, on the base or here. Without, rules only tell and stop. */
  readonly asks: boolean;
  readonly people: People;
  /** Rules that were in force before the change; undefined where there were none. */
  readonly before?: Gates | undefined;
  readonly now: Gates;
  /** `owner/name` of the repository whose reviews count as approvals. @default none do */
  readonly reviewed?: string | undefined;
  /** The change alters gates.yaml or approvers.yaml: the commit is not taken for a base before approvers have said yes. */
  readonly altered: boolean;
  /** The change alters quality.yaml: what is asked of artifacts is not what it was. */
  readonly qualityAltered: boolean;
  readonly base?: BaseView | undefined;
  readonly notes: readonly string[];
  /** The change itself declares approvers. */
  readonly declares: boolean;
}

/**
 * Reads what is in force for a catalog.
 *
 * @param own where this backend's own objects are
 * @throws SitefleetError `approval.base`
 */
export async function gatePolicy(catalogDir: string, now: Gates, own: Store): Promise<GatePolicy> {
  const file = (name: string) => {
    const path = join(catalogDir, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const here = { gates: file("gates.yaml"), approvers: file("approvers.yaml") };
  const trusted = await lastTrusted(own);
  const base = await readBase(catalogDir, trusted?.commit);
  const before = base ? readGates(base) : undefined;
  if (before && before.problems.length > 0)
    throw new SitefleetError({
      code: "approval.base",
      message: "gates.yaml or approvers.yaml cannot be used as they are on the base branch",
      subject: base?.from.slice(0, 12) ?? "",
      details: before.problems,
      hint: "name another base with SITEFLEET_BASE",
    });
  // The gates that lie here the catalog has read already.
  const present = readGates({ approvers: here.approvers }).approvers;
  // Approvers that cannot be read are none.
  const newest =
    base?.newest === undefined ? undefined : (readGates({ approvers: base.newest }).approvers ?? NO_PEOPLE);
  const known = base ? before?.approvers : present;
  const later = [present ?? NO_PEOPLE, ...(newest ? [newest] : [])];
  const outside =
    base || present === undefined
      ? []
      : ["outside of git: approvers.yaml is taken as it is here, and who wrote the change is not known"];
  // A copy outside of git, or another history, does not shake the approvers off.
  if (trusted?.approvers && known === undefined)
    throw new SitefleetError({
      code: "approval.base",
      message: `approvers were declared at commit ${trusted.commit.slice(0, 12)}, which was carried out last, and here none are known`,
      hint: "run it in the repository that holds that commit",
    });
  const reviewed = base && reviewedIn([known, ...later]);
  const unread =
    present?.reviews && reviewed === undefined
      ? ["reviews count once approvers.yaml names this repository on the base, and in the change alike"]
      : [];
  return {
    asks: known !== undefined,
    people: {
      base: known?.approvers ?? [],
      later: later.map(({ approvers }) => approvers),
      authors: base?.authors ?? [],
    },
    reviewed,
    before: before?.gates,
    now,
    altered: base !== undefined && same(base.gates, here.gates, base.approvers, here.approvers) === false,
    qualityAltered: base !== undefined && !same(base.quality, file("quality.yaml")),
    base,
    declares: present !== undefined,
    notes: known === undefined ? [] : [...(base?.notes ?? []), ...outside, ...unread],
  };
}

const NO_PEOPLE: Approvers = { approvers: [] };

/** The repository whose reviews count: the base names it, and nothing later another one or none. Pure. */
function reviewedIn(all: readonly (Approvers | undefined)[]): string | undefined {
  const [first, ...rest] = all.map((one) => one?.reviews?.repository);
  return rest.every((one) => one?.toLowerCase() === first?.toLowerCase()) ? first : undefined;
}

const same = (...texts: (string | undefined)[]): boolean =>
  texts.every((text, index) => index % 2 === 0 || text?.trimEnd() === texts[index - 1]?.trimEnd());

/** The verdicts on a change, by the rules before it and by its own. Pure. */
export function judgeBy(
  { before, now }: Pick<GatePolicy, "before" | "now">,
  facts: GateFacts,
  options: JudgeGateOptions,
): Verdict[] {
  const own = judgeGates(now, facts, options);
  return before === undefined ? own : graver(judgeGates(before, facts, options), own);
}
