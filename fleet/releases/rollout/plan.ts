import { createHash } from "node:crypto";
import { CANARY, type RolloutRules, stackOfCell } from "../../../model/index.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { changedHosts, type StackChange, sameState } from "../../../stacks/state.ts";
import type { WaveState } from "./types.ts";

/** Name of the wave of the shared stack. */
const SHARED_WAVE = "shared";
/** Name of the services' wave; with several groups each has its number behind it. */
const SERVICES_WAVE = "services";

/**
 * Puts every site that changes into exactly one wave. The shared stack's change is first, then the canary cell, then cell after
 * cell until each share is reached. So a wave opens few stacks. Cells are filled by a hash, so a wave's sites are a sample of all.
 * A cell at the edge of a share is divided. Waves without sites are left out. Groups of services are waves too: they follow the wave that
 * the rules name. Pure.
 *
 * @param groups keys of services that go out, by group. @default none
 */
export function planWaves(
  changes: readonly StackChange[],
  rules: RolloutRules,
  groups: readonly (readonly string[])[] = [],
): WaveState[] {
  const shared = changes.find(({ stack }) => stack === SHARED_STACK);
  const sites = changes
    .filter(({ stack }) => stack !== SHARED_STACK)
    .flatMap((change) => changedHosts(change).map((host) => ({ host, stack: change.stack })));
  const canary = stackOfCell(CANARY);
  const rest = sites
    .filter(({ stack }) => stack !== canary)
    .sort((a, b) => compare(a.stack, b.stack) || order(a.host) - order(b.host) || compare(a.host, b.host));
  const first = sites.filter(({ stack }) => stack === canary);
  const queue = [...first, ...rest];
  const waves: WaveState[] = [];
  const add = (
    name: string,
    kind: WaveState["kind"],
    rule: Partial<RolloutRules["waves"][number]>,
    some: typeof sites,
  ) =>
    waves.push({
      name,
      kind,
      hosts: Object.fromEntries(
        [...Map.groupBy(some, ({ stack }) => stack)].map(([stack, list]) => [stack, list.map(({ host }) => host)]),
      ),
      pauseSeconds: rule.pauseSeconds ?? 0,
      soakSeconds: rule.soakSeconds ?? 0,
      limits: { ...rules.limits, ...given(rule.limits) },
      step: "waiting",
      known: [],
      runs: [],
      blamed: [],
      left: {},
    });
  if (shared && !sameState(shared.before, shared.target)) {
    add(freeName(rules), "shared", { ...rules.waves[0], pauseSeconds: 0 }, []);
  }
  let taken = 0;
  /** Where the services go: behind all that goes out up to the wave which they follow. */
  let place = 0;
  const followed = rules.services?.after ?? rules.waves.at(-1)?.name;
  for (const rule of rules.waves) {
    const until = rule.share === "canary" ? first.length : Math.ceil((queue.length * rule.share) / 100);
    if (until > taken) add(rule.name, "sites", rule, queue.slice(taken, until));
    taken = Math.max(taken, until);
    if (rule.name === followed) place = waves.length;
  }
  const last = waves.at(-1);
  if (last?.kind === "sites" && taken === queue.length) waves[waves.length - 1] = { ...last, kind: "last" };
  return waves.toSpliced(place, 0, ...serviceWaves(groups, rules));
}

/** A wave a group of services. What fails in one is never within a limit, so their limits are not asked. Pure. */
function serviceWaves(groups: readonly (readonly string[])[], rules: RolloutRules): WaveState[] {
  const { pauseSeconds = 0, soakSeconds = 0 } = rules.services ?? {};
  const names = groups.map((_, index) => (groups.length === 1 ? SERVICES_WAVE : `${SERVICES_WAVE}-${index + 1}`));
  const taken = rules.waves.some(({ name }) => names.includes(name)) ? "hosts-" : "";
  return groups.map((keys, index) => ({
    name: `${taken}${names[index]}`,
    kind: "services",
    hosts: {},
    services: [...keys],
    pauseSeconds,
    soakSeconds,
    limits: rules.limits,
    step: "waiting",
    known: [],
    runs: [],
    blamed: [],
    left: {},
  }));
}

/** A wave of the catalog may have taken the name. */
function freeName({ waves }: RolloutRules): string {
  return waves.some(({ name }) => name === SHARED_WAVE) ? `${SHARED_WAVE}-stack` : SHARED_WAVE;
}

/** Hosts of some waves by stack. Pure. */
export function hostsOf(waves: readonly WaveState[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { hosts } of waves)
    for (const [stack, list] of Object.entries(hosts)) found.set(stack, [...(found.get(stack) ?? []), ...list]);
  return found;
}

/** Where a site stands in its cell's queue: by chance, so that what is divided is not divided by name. */
function order(host: string): number {
  return createHash("sha256").update(`rollout ${host}`).digest().readUInt32BE(0);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function given<T extends object>(part: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
