import { SitefleetError } from "../../../errors/index.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import type { SiteTargets } from "../../../stacks/site-targets.ts";
import { merge, sameState } from "../../../stacks/state.ts";
import type { RunRecord } from "../../backend/journal/journal.ts";
import type { StateResource } from "../../backend/states/checkpoint.ts";
import { lastChange, readAhead, type StackVersion, stackVersions } from "../../backend/states/versions.ts";
import { type BadRelease, refusedReleases } from "./bad-releases.ts";
import { currentOf } from "./current.ts";
import { rolledBackTo } from "./earlier.ts";
import { siteTargetsOf } from "./site-targets.ts";
import { chooseTarget, type RollbackAim, type RollbackTarget } from "./target.ts";

/** What of a stack goes back to which version. */
export interface Goal {
  readonly stack: string;
  /** Only these sites. @default the whole stack */
  readonly hosts?: readonly string[];
  readonly to: number;
}

/** A stack that goes back. */
export interface PlannedStack extends Omit<RollbackTarget, "version"> {
  /** Sites may go back to different versions: each to the last in which it was something else. */
  readonly goals: readonly Goal[];
  /** The only sites that it is about; undefined = all of the stack. */
  readonly siteTargets: SiteTargets | undefined;
  /** The last update that had changed something when this was worked out. */
  readonly seen: number;
  /** Its resources now. */
  readonly resources: readonly StateResource[];
  /** The resources that go back, as they were in the target versions. */
  formerResources(): Promise<readonly StateResource[]>;
}

/** Something that does not go back, and why. */
export interface Left {
  readonly stack: string;
  readonly reason: string;
}

/** What is known of earlier runs. */
export interface Past {
  /** The newest first. */
  readonly runs: readonly RunRecord[];
  readonly bad: readonly BadRelease[];
}

/**
 * Works out what goes back in one stack: all of it, or each of some sites by itself, since one may have got its present
 * release earlier than another. Reads only.
 *
 * @param aims all of this stack
 * @param alone nothing else is to go back: what cannot is an error then
 * @throws SitefleetError `rollback.none`, `rollback.version`, `rollback.history`, `site.unknown`
 */
export async function planStack(
  stack: string,
  aims: readonly RollbackAim[],
  past: Past,
  alone: boolean,
): Promise<{ readonly planned?: PlannedStack; readonly left: readonly Left[] }> {
  const versions = await stackVersions(stack);
  // What it is now, and what it was before.
  readAhead(versions, 2);
  const now = await currentOf(stack, versions);
  const single = aims.flatMap((aim) => aim.hosts?.map((host) => ({ ...aim, hosts: [host] })) ?? [aim]);
  const left: Left[] = [];
  const found: { readonly target: RollbackTarget; readonly aim: RollbackAim }[] = [];
  for (const aim of single) {
    try {
      const target = await chooseTarget(versions, aim, {
        now,
        back: rolledBackTo(past.runs, stack, aim.hosts?.[0]),
        avoid: (desired, current) => refusedReleases(desired, current, past.bad).length > 0,
      });
      if (!isThere(target, aim)) found.push({ target, aim });
      else left.push({ stack, reason: `it is what it was in version ${target.version}` });
    } catch (error) {
      // Of a whole run, or of many sites, some are new: the others still go back.
      const nothing = error instanceof SitefleetError && error.code === "rollback.none";
      if (!nothing || (alone && single.length === 1)) throw error;
      left.push({ stack, reason: [...(aim.hosts ?? []), error.message].join(": ") });
    }
  }
  const [first] = found;
  if (first === undefined) return { left };
  const goals = goalsOf(stack, found);
  const hosts = first.aim.hosts && found.flatMap(({ aim }) => aim.hosts ?? []);
  const { current, from, moved } = first.target;
  // Of sites each goes back by itself; without any there is one aim, which is all of the stack.
  const desired = found.reduce(
    (state, { target, aim }) => (aim.hosts ? merge(state, target.desired, aim.hosts) : target.desired),
    current,
  );
  const target = { stack, from, current, desired, moved };
  return {
    planned: {
      ...target,
      goals,
      siteTargets: siteTargetsOf(target, hosts ? { hosts } : {}),
      seen: await lastChange(versions),
      resources: now?.resources ?? [],
      formerResources: () => formerResources(versions, goals),
    },
    left,
  };
}

/** Of a run that is undone: the stack is already what it was before it. What was asked for by name is done all the same. */
function isThere({ current, desired, moved }: RollbackTarget, { before }: RollbackAim): boolean {
  return before !== undefined && !moved && sameState(current, desired);
}

function goalsOf(
  stack: string,
  found: readonly { readonly target: RollbackTarget; readonly aim: RollbackAim }[],
): Goal[] {
  const byVersion = Map.groupBy(found, ({ target }) => target.version);
  return [...byVersion].map(([to, list]): Goal => {
    const hosts = list.flatMap(({ aim }) => aim.hosts ?? []);
    return { stack, hosts: hosts.length > 0 ? hosts : undefined, to };
  });
}

async function formerResources(versions: readonly StackVersion[], goals: readonly Goal[]): Promise<StateResource[]> {
  const all = goals.map(async ({ hosts, to }) => {
    const resources = (await versions.find(({ version }) => version === to)?.resources()) ?? [];
    return hosts === undefined ? resources : resources.filter(({ urn }) => hosts.includes(nameOfUrn(urn)));
  });
  return (await Promise.all(all)).flat();
}
