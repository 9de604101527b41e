import { AREAS, type Area, type Catalog } from "../../model/index.ts";
import { migratesForGood } from "../../plesk/artifact/migrations.ts";
import { desiredState, type StackState } from "../../stacks/desired.ts";
import { PLESK_STACK, SHARED_STACK, stackKind, stackNames } from "../../stacks/names.ts";
import type { StackChange } from "../../stacks/state.ts";
import { roleOf } from "../../vendors/index.ts";
import type { LedgerState } from "../budget/index.ts";
import { type PlanReport, planWork, workOfChanges } from "../budget/strategy/index.ts";
import type { Loss } from "../change-set/losses.ts";
import { type ChangeCost, costOfChanges } from "../cost/index.ts";
import { type Figure, type GateFacts, judgeBy, type Verdict } from "../gates/index.ts";
import { planWaves } from "../releases/rollout/index.ts";
import { type EstateChange, expectedChanges } from "./changes.ts";
import type { History } from "./history.ts";
import { itemsOf } from "./items.ts";
import { type Compared, declaresNothing } from "./parts.ts";
import { inWaves, levelOf, lossesOfPush, type Risk, risksOf } from "./risk.ts";

/** What is known beside the two catalogs. Times in ms since 1970. */
export interface AnalyseOptions {
  readonly before: Catalog;
  readonly after: Catalog;
  readonly compared: Compared;
  readonly history: readonly History[];
  /** Releases among what is touched that are remembered as bad, `repository@commit`. */
  readonly bad: readonly string[];
  readonly now: number;
  /** Euros a month that the account would cost. @default not known */
  readonly cost?: Figure | undefined;
  /** Hosts that go first. @default none */
  readonly urgent?: readonly string[] | undefined;
  /** File with hourly requests. @default none */
  readonly traffic?: string | undefined;
  readonly ledger?: LedgerState | undefined;
  /** Stacks at once. */
  readonly concurrency: number;
}

/** An approval that the push needs. */
interface NeededApproval {
  readonly area: Area;
  readonly approvals: number;
  /** Names of those who may say yes; empty where none is declared. */
  readonly who: readonly string[];
  readonly rules: readonly string[];
}

/** A wave, as far as it is known before anything starts. Durations in seconds. */
interface PlannedWave {
  readonly name: string;
  readonly sites: number;
  readonly stacks: readonly string[];
  readonly pauseSeconds: number;
  readonly soakSeconds: number;
}

/** What the rules decide of a push. */
export interface Analysis {
  readonly compared: Compared;
  readonly changes: readonly EstateChange[];
  readonly level: Risk["level"];
  readonly risks: readonly Risk[];
  readonly history: readonly History[];
  readonly losses: readonly Loss[];
  readonly plan: PlanReport;
  readonly waves: readonly PlannedWave[];
  readonly cost: ChangeCost | undefined;
  /** Approvers are declared on the side of the push that it cannot write. */
  readonly asks: boolean;
  readonly verdicts: readonly Verdict[];
  readonly approvals: readonly NeededApproval[];
}

/** Decides how a push is to go out: by the same rules as the runs that will carry it out. Pure. */
export function analyse(options: AnalyseOptions): Analysis {
  const { before, after, compared, history, bad, now } = options;
  const changes = compared.changes.flatMap(expectedChanges);
  const facts = factsOf(options, changes);
  const verdicts = judgeBy({ before: declaresNothing(before) ? undefined : before.gates, now: after.gates }, facts, {});
  const losses = lossesOfPush(compared.changes);
  const risks = risksOf({ compared, before, after, verdicts, losses, history, bad });
  const sites = [...new Map([...before.sites, ...after.sites].map((site) => [site.host, site])).values()];
  const work = workOfChanges({ sites }, changes);
  const plan = planWork(work, {
    catalog: { ...after, sites },
    now,
    ledger: options.ledger,
    concurrency: options.concurrency,
    urgent: options.urgent,
    traffic: options.traffic,
  });
  return {
    compared,
    changes,
    level: levelOf(risks),
    risks,
    history,
    losses,
    plan,
    waves: wavesOf(compared.changes, after),
    cost: after.prices && costOfChanges(changes, after.prices, new Date(now).toISOString().slice(0, 10)),
    asks: before.approvers !== undefined,
    verdicts,
    approvals: neededOf(verdicts, before.approvers ?? []),
  };
}

function factsOf(
  { before, after, compared, bad, now, cost }: AnalyseOptions,
  changes: readonly EstateChange[],
): GateFacts {
  const byStack = new Map(compared.changes.map((change) => [change.stack, change]));
  const there = declaresNothing(before) ? [] : stackNames(before);
  const stacks = [...new Set([...there, ...byStack.keys()])].map((stack) => {
    const state: StackState | undefined =
      byStack.get(stack)?.before ?? (there.includes(stack) ? desiredState(before, stack) : undefined);
    return itemsOf(stack, state, byStack.get(stack));
  });
  const deployed = new Set(
    changes.filter(({ type, op }) => roleOf(type) === "service" && op === "update").map(({ name }) => name),
  );
  return {
    changes,
    stacks,
    live: before.sites.length,
    bad,
    migrations: after.services.filter((one) => deployed.has(one.key) && migratesForGood(one)).map(({ key }) => key),
    now: new Date(now),
    cost,
  };
}

function wavesOf(changes: readonly StackChange[], { rollout }: Catalog): PlannedWave[] {
  return planWaves(
    changes.filter(({ stack }) => inWaves(stack)),
    rollout,
  ).map(({ name, hosts, pauseSeconds, soakSeconds, kind }) => ({
    name,
    sites: Object.values(hosts).flat().length,
    stacks: kind === "shared" ? [SHARED_STACK] : Object.keys(hosts),
    pauseSeconds,
    soakSeconds,
  }));
}

/** Whose yes is needed, an entry an area. Pure. */
function neededOf(verdicts: readonly Verdict[], approvers: NonNullable<Catalog["approvers"]>): NeededApproval[] {
  const asking = verdicts.filter(({ severity }) => severity === "approve");
  return AREAS.flatMap((area): NeededApproval[] => {
    const own = asking.filter((verdict) => verdict.area === area);
    if (own.length === 0) return [];
    return [
      {
        area,
        approvals: Math.max(...own.map(({ approvals }) => approvals)),
        who: approvers.filter(({ areas }) => areas.includes(area)).map(({ name }) => name),
        rules: [...new Set(own.map(({ rule }) => rule))],
      },
    ];
  });
}

/** The commands that carry it out, as a person would type them; none while a rule stops it. Pure. */
export function commandsOf({
  compared: { changes },
  plan: { strategy },
  verdicts,
}: Pick<Analysis, "compared" | "plan" | "verdicts">): string[] {
  if (changes.length === 0 || verdicts.some(({ severity }) => severity === "stop")) return [];
  const stacks = changes.map(({ stack }) => stack);
  const urgent = strategy.kind === "urgent" ? strategy.first.map((stack) => `--stack ${stack}`) : [];
  const rest = stacks.filter((stack) => !strategy.first.includes(stack));
  const first = urgent.length > 0 ? [`sitefleet up ${urgent.join(" ")}`] : [];
  if (rest.length === 0) return first;
  if (strategy.kind !== "batch" || !stacks.some((stack) => stackKind(stack)?.kind === "cell"))
    return [...first, "sitefleet up"];
  return ["sitefleet rollout", ...(stacks.includes(PLESK_STACK) ? [`sitefleet up --stack ${PLESK_STACK}`] : [])];
}
