import { type Catalog, sharedProjectName } from "../../model/index.ts";
import { stackKind } from "../../stacks/names.ts";
import type { StackChange } from "../../stacks/state.ts";
import { type Loss, lossesOf } from "../change-set/losses.ts";
import type { Verdict } from "../gates/index.ts";
import type { History } from "./history.ts";
import type { Compared, Touched } from "./parts.ts";

/** One reason for which a push can hurt. */
export interface Risk {
  readonly level: "low" | "medium" | "high";
  readonly sentence: string;
  /** What it is known from. */
  readonly evidence: readonly string[];
}

/** What risks are told from. */
export interface RiskFacts {
  readonly compared: Compared;
  readonly before: Catalog;
  readonly after: Catalog;
  readonly verdicts: readonly Verdict[];
  readonly losses: readonly Loss[];
  readonly history: readonly History[];
  /** Releases that went back before, `repository@commit`. */
  readonly bad: readonly string[];
}

/** Of changes that are remembered so many in a hundred went back: from then on that is the risk itself. */
const BACK_PERCENT = 5;
/** Changes from which on their share says something. */
const ENOUGH = 5;
const NAMED = 5;

/** The first names, and how many more there are. */
const some = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more` : names.join(", ");
const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`;

/** Why a push can hurt, the gravest first. Pure. */
export function risksOf(facts: RiskFacts): Risk[] {
  const found = [
    ...losing(facts),
    ...bad(facts),
    ...removed(facts),
    ...depending(facts),
    ...migrating(facts),
    ...past(facts),
    ...code(facts),
  ];
  if (found.length === 0 && facts.compared.touched.length > 0)
    found.push({
      level: "low",
      sentence: "nothing that is live is taken away, and all of it can go back",
      evidence: [],
    });
  return found.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

const LEVELS: readonly Risk["level"][] = ["high", "medium", "low"];

/** The gravest of some risks. Pure. */
export const levelOf = (risks: readonly Risk[]): Risk["level"] =>
  LEVELS.find((level) => risks.some((risk) => risk.level === level)) ?? "low";

/** What going back from the push would not bring back. Pure. */
export const lossesOfPush = (changes: readonly StackChange[]): Loss[] =>
  changes.flatMap(({ stack, before, target }) => (before ? lossesOf({ stack, current: target, desired: before }) : []));

function losing({ losses }: RiskFacts): Risk[] {
  const reasons = Map.groupBy(
    losses.filter(({ kind }) => kind === "lost" || kind === "unknown"),
    ({ reason }) => reason,
  );
  return [...reasons].map(
    ([reason, list]): Risk => ({
      level: "high",
      sentence: `going back does not bring everything back: ${reason}`,
      evidence: [some(list.map(({ name }) => name))],
    }),
  );
}

function bad({ bad: releases }: RiskFacts): Risk[] {
  return releases.length === 0
    ? []
    : [
        {
          level: "high",
          sentence: `${count(releases.length, "release")} of this push went back before`,
          evidence: [...releases],
        },
      ];
}

function removed({ compared: { touched } }: RiskFacts): Risk[] {
  const gone = touched.filter(({ change }) => change === "removed");
  return [...Map.groupBy(gone, ({ part }) => part)].map(
    ([part, list]): Risk => ({
      level: part === "secret" ? "medium" : "high",
      sentence: `${count(list.length, part)} ${list.length === 1 ? "is" : "are"} declared no more and would be deleted`,
      evidence: [some(list.map(({ name }) => name))],
    }),
  );
}

/** What depends on something shared that is touched. */
function depending({ compared: { touched }, before, after }: RiskFacts): Risk[] {
  const sites = [...new Map([...before.sites, ...after.sites].map((site) => [site.host, site])).values()];
  const risk = (what: Touched, names: readonly string[], noun: string): Risk[] =>
    names.length === 0
      ? []
      : [
          {
            level: "medium",
            sentence: `${count(names.length, noun)} ${names.length === 1 ? "depends" : "depend"} on ${what.part} ${what.name}, which is ${what.change}`,
            evidence: [what.why.join("; "), some(names)].filter((text) => text !== ""),
          },
        ];
  const live = touched.filter(({ change }) => change !== "added");
  return live.flatMap((one) => {
    if (one.part === "zone")
      return [
        ...risk(
          one,
          sites.filter(({ zone }) => zone === one.name).map(({ host }) => host),
          "site",
        ),
        ...risk(
          one,
          after.services.filter(({ zone }) => zone === one.name).map(({ key }) => key),
          "service",
        ),
      ];
    if (one.part === "project")
      return risk(
        one,
        before.sites
          .filter((site) => site.project === "shared" && sharedProjectName(site) === one.name)
          .map(({ host }) => host),
        "site",
      );
    if (one.part === "host")
      return risk(
        one,
        after.services.filter(({ server }) => server === one.name).map(({ key }) => key),
        "service",
      );
    if (one.part === "secret")
      return risk(
        one,
        after.services
          .filter(({ database }) => database?.userSecret === one.name || database?.passwordSecret === one.name)
          .map(({ key }) => key),
        "service",
      );
    return [];
  });
}

function migrating({ verdicts }: RiskFacts): Risk[] {
  return verdicts
    .filter(({ rule }) => rule === "irreversible-migration")
    .map(({ sentence, examples }): Risk => ({ level: "high", sentence, evidence: [some(examples)] }));
}

function past({ history, compared }: RiskFacts): Risk[] {
  const touchesLive = compared.touched.some(({ change }) => change !== "added");
  return history.flatMap(({ kind, changes, back, examples }): Risk[] => {
    if (!touchesLive) return [];
    if (changes === 0)
      return [
        {
          level: "medium",
          sentence: `no change of ${kind} is remembered, so it is not known how often one goes back`,
          evidence: [],
        },
      ];
    const percent = (back * 100) / changes;
    const level = changes < ENOUGH ? "medium" : percent > BACK_PERCENT ? "high" : "low";
    const sentence = `${back} of ${count(changes, "change")} of ${kind} went back (${Math.round(percent)} %)${changes < ENOUGH ? ", too few to tell" : ""}`;
    return [{ level, sentence, evidence: [...examples] }];
  });
}

function code({ compared: { code: files } }: RiskFacts): Risk[] {
  return files.length === 0
    ? []
    : [
        {
          level: "medium",
          sentence: `${count(files.length, "file")} outside of the catalog changed: what the program makes of them only a preview shows`,
          evidence: [some(files)],
        },
      ];
}

/** Whether a stack's kind is one that waves carry. Pure. */
export const inWaves = (stack: string): boolean => stackKind(stack)?.kind !== "plesk";
