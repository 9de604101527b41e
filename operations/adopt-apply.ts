import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { type AppliedAdoption, adoptionOf, applyAdoption, type Matching } from "../fleet/adopt/index.ts";
import type { Adopted } from "../fleet/engine/adoption/create.ts";
import { nameOfUrn, typeOfUrn } from "../provider/framework/urn.ts";
import { chooseField } from "./adopt/documents.ts";
import { matchEstate } from "./adopt/estate.ts";
import { adoptEvent } from "./adopt/events.ts";
import { callsOf, openRunBudget } from "./fleet/run-budget.ts";
import { concurrencyFields, DEFAULT_CONCURRENCY, goneField, lockField } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { lockedFrame, overStacks } from "./kit/watch.ts";

/** What an adoption came to. */
export interface AdoptApplied extends AppliedAdoption {
  readonly matching: Matching;
  /** What was to be taken, by stack. */
  readonly asked: ReadonlyMap<string, readonly Adopted[]>;
  /** Calls by vendor; undefined where they did not go through the gateway. */
  readonly calls: Readonly<Record<string, number>> | undefined;
}

const count = z.int().min(0);

/** Takes what matches into the states. Its caller has a person's yes. */
export const adoptApply = defineOperation({
  name: "adopt apply",
  summary: "take what matches into the stacks' states. Vendors are only read.",
  changes: true,
  input: z.object({
    stack: flag(z.array(z.string()).optional(), "--stack <name>", "only this stack; may be given several times"),
    choose: chooseField(),
    ...concurrencyFields(),
    ...lockField(),
    ...goneField(),
  }),
  events: adoptEvent,
  output: z.object({
    ok: z.boolean().describe("everything that matches is in a state"),
    run: z.string(),
    adopted: z.record(z.string(), count).describe("objects taken, by stack"),
    asked: count,
    held: count.describe("in a state before"),
    ambiguous: count,
    missing: count,
    foreign: count,
    failed: z.array(z.object({ stack: z.string(), name: z.string(), type: z.string(), message: z.string() })),
    errors: z.record(z.string(), z.array(z.string())).describe("by stack"),
    skipped: z.array(z.object({ stack: z.string(), reason: z.string() })),
    calls: z.record(z.string(), count).optional(),
    seconds: z.number(),
    before: z.string().optional().describe("folder with the states as they were"),
  }),
  async run(
    { stack, choose, concurrency = DEFAULT_CONCURRENCY, parallel, lockTimeout, gone },
    tools,
  ): Promise<AdoptApplied> {
    const { session, matching, values } = await matchEstate(tools.estate, choose);
    const unknown = (stack ?? []).filter((name) => !session.choice.stacks.includes(name));
    if (unknown.length > 0) {
      throw new SitefleetError({
        code: "stack.unknown",
        message: `${unknown.join(", ")}: not a stack that this catalog needs`,
        hint: "sitefleet cells lists the cells; prod and prod-plesk are the other two",
      });
    }
    const all = adoptionOf(matching, values);
    const order = session.choice.stacks.filter((name) => all.has(name) && (!stack?.length || stack.includes(name)));
    const asked = new Map(order.map((name) => [name, all.get(name) ?? []]));
    const steps = (name: string) =>
      (asked.get(name) ?? []).map(({ urn }) => ({ op: "import", type: typeOfUrn(urn), name: nameOfUrn(urn) }));
    const known = new Map(order.map((name) => [name, { steps: steps(name) }]));
    const work = { stacks: order, known, hosts: [], live: 0, notes: [] };
    const applied = await overStacks(tools, order.length, async (observer, signal) => {
      const budget =
        order.length > 0 ? await openRunBudget(tools, session, work, order, { concurrency, signal }) : undefined;
      return applyAdoption(session, asked, {
        concurrency,
        parallel,
        ...lockedFrame(tools.emit, lockTimeout),
        observer,
        signal,
        gone,
        budget: budget?.hooks,
      })
        .then((result) => ({ ...result, calls: callsOf(budget?.figures()) }))
        .finally(() => budget?.close());
    });
    return { ...applied, matching, asked };
  },
  document(applied) {
    const { run, adopted, asked, matching, results, skipped, calls, milliseconds, before } = applied;
    return {
      ok: isWhole(applied),
      run,
      adopted: Object.fromEntries([...adopted].map(([stack, urns]) => [stack, urns.length])),
      asked: [...asked.values()].reduce((sum, list) => sum + list.length, 0),
      held: matching.held.length,
      ambiguous: matching.ties.reduce((sum, tie) => sum + tie.wanted.length, 0),
      missing: matching.missing.length,
      foreign: matching.foreign.length,
      failed: results.flatMap(({ stack, errors, failed = [] }) =>
        failed.map(({ name, type, message = messageOf(name, errors) }) => ({ stack, name, type, message })),
      ),
      errors: Object.fromEntries(
        results.flatMap(({ stack, errors }) => (errors.length > 0 ? [[stack, [...errors]]] : [])),
      ),
      skipped: skipped.map(({ stack, reason }) => ({ stack, reason })),
      calls,
      seconds: milliseconds / 1000,
      before,
    };
  },
  exitCode: (applied) => (isWhole(applied) ? (applied.matching.ties.length > 0 ? 3 : 0) : 1),
});

/** What the engine's messages say of a resource. Pure. */
export const messageOf = (name: string, errors: readonly string[]): string =>
  errors.find((text) => text.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";

/** Everything that was to be taken is in a state. */
function isWhole({ asked, adopted, skipped }: Pick<AdoptApplied, "asked" | "adopted" | "skipped">): boolean {
  return skipped.length === 0 && [...asked].every(([stack, list]) => adopted.get(stack)?.length === list.length);
}
