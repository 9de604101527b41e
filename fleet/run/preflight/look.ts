import pLimit from "p-limit";
import { COMPONENT } from "../../../components/tokens.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import { desiredState, type StackState } from "../../../stacks/desired.ts";
import { PLESK_STACK } from "../../../stacks/names.ts";
import { desiredOf, type StateResource } from "../../backend/states/checkpoint.ts";
import { stackVersions } from "../../backend/states/versions.ts";
import type { Session } from "../session.ts";
import { misplacedIn, refuseMoved } from "./cells.ts";
import { isCertain } from "./certain.ts";
import { type FoundStep, factsOf, factsOfDeclared } from "./facts.ts";
import { judgeRun } from "./judge.ts";
import { resourcesOf } from "./resources.ts";
import type { Finding, Rules, StackFacts } from "./types.ts";

/** States that are read at once. */
const STATES_AT_ONCE = 8;

/** What a run is about. */
export interface LookOptions {
  /** Stacks of the run. */
  readonly stacks: readonly string[];
  readonly rules: Rules;
  /** What stacks are to be in place of what the catalog says. @default the catalog's */
  readonly desired?: ReadonlyMap<string, StackState> | undefined;
  /** Only these services of the Plesk stack are touched. @default everything */
  readonly services?: readonly string[] | undefined;
  /** What previews have found, by stack. @default none was made */
  readonly steps?: ReadonlyMap<string, readonly FoundStep[]> | undefined;
  /** The session's look at the stacks counts no more: they may have changed since. @default false */
  readonly stale?: boolean;
  /** Read what the other stacks hold as well, also where nothing goes. @default false */
  readonly whole?: boolean | undefined;
}

/** What is known before a run. */
export interface Look {
  readonly findings: readonly Finding[];
  /** Stacks of which only a preview can tell what is replaced. */
  readonly uncertain: readonly string[];
  /** What becomes of all that the stacks of the run hold; with `whole`, or where something goes, of the estate. */
  readonly facts: readonly StackFacts[];
}

/**
 * Judges a run by the states and by what is declared; calls no vendor. Also of stacks that are not part of the run it is read
 * what they hold, once something goes: shares are of the whole estate.
 *
 * @throws SitefleetError `store.unreachable`, `cells.changed`, those of the catalog's artifacts
 */
export async function lookAhead(session: Session, options: LookOptions): Promise<Look> {
  const { catalog } = session.inputs;
  const { stacks, rules, desired, services, steps } = options;
  const limit = pLimit(STATES_AT_ONCE);
  const existing = (names: readonly string[]) =>
    names.filter((stack) => (session.infos.get(stack)?.resources ?? 0) > 0);
  const read = (names: readonly string[]) =>
    Promise.all(names.map((stack) => limit(async () => [stack, await resourcesOf(stack)] as const)));
  const uncertain: string[] = [];
  const zones = catalog.zones.map(({ name }) => name);
  const states = await read(existing(stacks));
  refuseMoved(
    states.flatMap(([stack, resources]) => misplacedIn(stack, resources, catalog.cells)),
    catalog.cells,
  );
  const inRun = await Promise.all(
    states.map(async ([stack, resources]) => {
      const declared = desired?.get(stack) ?? (await declaredOf(session, stack));
      const before = desiredOf(resources);
      const earlier = before ?? (await earlierOf(stack, resources));
      const part = declared?.kind === "plesk" ? services : undefined;
      const known = steps?.get(stack);
      const sure = declared === undefined || known !== undefined || resources.length === 0;
      if (!sure && !(isKnown(session, stack, options) && before && isCertain(before, declared, part)))
        uncertain.push(stack);
      const all = [...zones, ...zonesIn(resources)];
      return factsOf({
        stack,
        inRun: true,
        resources,
        before,
        earlier,
        declared,
        steps: known,
        services: part,
        zones: all,
      });
    }),
  );
  if (!options.whole && !inRun.some(takesAway)) return { findings: judgeRun(inRun, rules), uncertain, facts: inRun };
  const others = existing([...session.infos.keys()].filter((stack) => !stacks.includes(stack)));
  const known = new Map(others.flatMap((stack) => asDeclared(session, stack, options) ?? []));
  const beside = (await read(others.filter((stack) => !known.has(stack)))).map(([stack, resources]) => {
    const declared = session.choice.retired.has(stack) ? undefined : desiredState(catalog, stack);
    return factsOf({ stack, inRun: false, resources, before: desiredOf(resources), declared, zones });
  });
  const facts = [...inRun, ...known.values(), ...beside];
  return { findings: judgeRun(inRun.some(takesAway) ? facts : inRun, rules), uncertain, facts };
}

/**
 * What a cell holds that is as declared by its digest: its sites, as the catalog has them. Its state is not read for that; of 1500 sites that
 * is most of what a review of a few changes would read. Undefined of other stacks.
 */
function asDeclared(
  { surveyed, inputs, choice }: Session,
  stack: string,
  { stale }: LookOptions,
): [[string, StackFacts]] | undefined {
  const found = surveyed.find((one) => one.stack === stack);
  if (stale || found?.declared !== true || found.differs || choice.retired.has(stack)) return undefined;
  const declared = desiredState(inputs.catalog, stack);
  return declared?.kind === "cell" ? [[stack, factsOfDeclared(stack, declared)]] : undefined;
}

/** What the catalog wants of a stack; undefined: nothing any more. */
async function declaredOf({ choice, inputs }: Session, stack: string): Promise<StackState | undefined> {
  return choice.retired.has(stack) ? undefined : inputs.state(stack);
}

/**
 * What the services' stack was declared to be before it was updated in part: such an update says nothing of the whole, and what databases
 * there are stands in no resource. Undefined of other stacks, and where no version says it.
 */
async function earlierOf(stack: string, resources: readonly StateResource[]): Promise<StackState | undefined> {
  if (stack !== PLESK_STACK || resources.length === 0) return undefined;
  for (const version of await stackVersions(stack)) {
    const desired = await version.desired();
    if (desired !== undefined) return desired;
  }
  return undefined;
}

/** Whether nothing but the declaration can differ from what the stack's last update left, which ended well. */
function isKnown({ surveyed }: Session, stack: string, { stale }: LookOptions): boolean {
  return !stale && surveyed.some((one) => one.stack === stack && one.declared === true);
}

const takesAway = ({ items }: StackFacts): boolean =>
  items.some(({ fate }) => fate === "deleted" || fate === "replaced");

const zonesIn = (resources: readonly StateResource[]): string[] =>
  resources.flatMap(({ type, urn }) => (type === COMPONENT.zone ? [nameOfUrn(urn)] : []));
