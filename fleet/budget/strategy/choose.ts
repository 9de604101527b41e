import { type Site, stackOf } from "../../../model/index.ts";

/** How a change is carried out. */
type StrategyKind = "direct" | "batch" | "urgent";

/** What is known of a change. */
export interface ChangeFacts {
  /** Sites that it touches. */
  readonly hosts: readonly string[];
  /** Stacks that it touches, shared ones included. */
  readonly stacks: readonly string[];
  /** Changes to what is live already: everything but new resources. @default 0 */
  readonly live?: number;
  /** Sites that must go first. @default none */
  readonly urgent?: readonly string[];
  /** Whether the plan waits for a budget. @default false */
  readonly waits?: boolean;
}

/** The way a change goes, and why. */
export interface Strategy {
  readonly kind: StrategyKind;
  /** One sentence. */
  readonly reason: string;
  /** Stacks that go first. */
  readonly first: readonly string[];
  /** Whether it should wait for the quiet hours. */
  readonly quietHours: boolean;
}

/** Sites up to which a change goes at once: as many as a person can look at one by one. */
const DIRECT_SITES = 5;

/**
 * `urgent` when sites are named: their cells go ahead of everything that is queued. `direct` for a few sites and no more
 * stacks than that. Else `batch`: a queue over cells, in the quiet hours when it touches what is live. A site
 * that is new has no visitors yet. Pure.
 *
 * @param directSites see {@link DIRECT_SITES}
 */
export function chooseStrategy(
  facts: ChangeFacts,
  sites: readonly Site[],
  directSites: number = DIRECT_SITES,
): Strategy {
  const { hosts, stacks, live = 0, urgent = [], waits = false } = facts;
  const n = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (urgent.length > 0) {
    const first = [...new Set(sites.filter(({ host }) => urgent.includes(host)).map(stackOf))].sort();
    const rest = Math.max(0, stacks.length - first.length);
    const reason = `${urgent.join(", ")} ${urgent.length === 1 ? "was" : "were"} named as urgent: ${n(first.length, "stack")} first${rest > 0 ? `, then ${n(rest, "other")}` : ""}`;
    return { kind: "urgent", reason, first, quietHours: false };
  }
  if (hosts.length <= directSites && stacks.length <= directSites && !waits) {
    const what = hosts.length > 0 ? n(hosts.length, "site") : n(stacks.length, "stack");
    const reason = `${what} changed, no more than ${directSites}: done at once`;
    return { kind: "direct", reason, first: [], quietHours: false };
  }
  const why = waits ? "a vendor's limit has to be waited for" : `more than ${directSites}`;
  const reason = `${n(hosts.length, "site")} in ${n(stacks.length, "stack")} changed, ${why}: queued over the cells`;
  return { kind: "batch", reason, first: [], quietHours: live > 0 };
}
