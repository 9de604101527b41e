import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../../fleet/repair/decide.ts";
import { applyVerdicts, type Decided, settle, withoutSkeletons } from "../../../../fleet/repair/edit.ts";
import { type Exported, type PendingOperation, parseExport, type Resource } from "../../../../fleet/repair/state.ts";
import type { Found } from "../../../../vendors/live.ts";

// Edits of a stack's exported state. What breaks when these fail: the engine refuses the state (an entry before what it
// refers to, two live entries of one URN), or an operation vanishes before its object is in the state.

const urn = (name: string) => `urn:pulumi:s::p::t::${name}`;
const root: Resource = { urn: urn("root"), type: "pulumi:pulumi:Stack" };
const entry = (name: string, more: Partial<Resource> = {}): Resource => ({
  urn: urn(name),
  type: "v:index:T",
  custom: true,
  id: `id-${name}`,
  inputs: { name },
  outputs: { name },
  parent: root.urn,
  ...more,
});
const create = (name: string, more: Partial<Resource> = {}) => {
  const { id: _, outputs: __, ...resource } = entry(name, more);
  return { type: "creating" as const, resource };
};
const state = (resources: Resource[], pending: PendingOperation[] = []): Exported => ({
  version: 3,
  deployment: {
    manifest: { time: "2026-11-01T00:00:00Z" },
    resources: [root, ...resources],
    pending_operations: pending,
  },
});
const adopt = (found: Partial<Found> = {}): Verdict => {
  const whole = { id: "new", ours: true, why: "is", unique: true, importId: "p/new", ...found };
  return { outcome: "adopted", reason: "it is", adopt: whole };
};
const urns = ({ deployment }: Exported) => (deployment.resources ?? []).map((item) => item.urn);

describe("adopting", () => {
  it("puts in an entry without properties under the importer's id, and keeps the operation until it is read", () => {
    const operation = create("a", { dependencies: [root.urn, urn("gone")], protect: true });
    const { state: after, refresh } = applyVerdicts(state([], [operation]), [{ operation, verdict: adopt() }]);
    const made = after.deployment.resources?.at(-1);
    expect(made).toMatchObject({ id: "p/new", inputs: {}, outputs: {}, protect: true, dependencies: [root.urn] });
    expect(after.deployment.pending_operations).toEqual([operation]);
    expect(refresh).toEqual([urn("a")]);
  });

  it("gives properties where the type has no importer", () => {
    const operation = create("a");
    const verdict = adopt({ outputs: { id: "new", ref: "r" } });
    delete (verdict.adopt as { importId?: string }).importId;
    const { state: after } = applyVerdicts(state([], [operation]), [{ operation, verdict }]);
    expect(after.deployment.resources?.at(-1)).toMatchObject({
      id: "new",
      inputs: { name: "a" },
      outputs: { ref: "r" },
    });
  });

  it("marks what it replaces for deletion, behind it", () => {
    const operation = create("a");
    const before = state([entry("a"), entry("b", { dependencies: [urn("a")] })], [operation]);
    const { state: after } = applyVerdicts(before, [{ operation, verdict: adopt() }]);
    expect(after.deployment.resources?.slice(1)).toMatchObject([
      { id: "p/new" },
      { id: "id-a", delete: true },
      { id: "id-b" },
    ]);
  });

  it("takes the place of what was deleted for it", () => {
    const operation = create("a");
    const before = state([entry("a", { pendingReplacement: true })], [operation]);
    const { state: after } = applyVerdicts(before, [{ operation, verdict: adopt() }]);
    expect(after.deployment.resources?.slice(1)).toMatchObject([{ id: "p/new" }]);
  });

  it("belongs to the stack when its component is not in the state", () => {
    const operation = create("a", { parent: urn("never-saved") });
    const { state: after } = applyVerdicts(state([], [operation]), [{ operation, verdict: adopt() }]);
    expect(after.deployment.resources?.at(-1)?.parent).toBe(root.urn);
  });
});

describe("after the providers have read", () => {
  const operation = create("a");
  const original = state([entry("a")], [operation]);
  const { state: edited } = applyVerdicts(original, [{ operation, verdict: adopt() }]);

  it("ends the operations whose entries are filled", () => {
    const filled: Exported = {
      ...edited,
      deployment: {
        ...edited.deployment,
        resources: (edited.deployment.resources ?? []).map((item) =>
          item.id === "p/new" ? { ...item, id: "new", outputs: { name: "a" } } : item,
        ),
      },
    };
    const { state: after, failed } = settle(filled, [urn("a")], original);
    expect(failed).toEqual([]);
    expect(after.deployment.pending_operations).toEqual([]);
    expect(after.deployment.resources?.slice(1)).toMatchObject([{ id: "new" }, { id: "id-a", delete: true }]);
  });

  it("takes out what stayed empty and brings back what it was to replace", () => {
    const { state: after, failed } = settle(edited, [urn("a")], original);
    expect(failed).toEqual([urn("a")]);
    expect(after).toEqual(original);
  });

  it("takes out what a repair that was killed in between had put in", () => {
    expect(urns(withoutSkeletons(edited))).toEqual([root.urn, urn("a")]);
    expect(withoutSkeletons(edited).deployment.pending_operations).toEqual([operation]);
  });
});

it("removes what is gone and only that", () => {
  const operation = { type: "deleting" as const, resource: entry("a") };
  const before = state([entry("a"), entry("a", { id: "other", delete: true }), entry("b")]);
  const { state: after } = applyVerdicts(before, [{ operation, verdict: { outcome: "removed", reason: "" } }]);
  expect(after.deployment.resources?.map(({ id }) => id)).toEqual([undefined, "other", "id-b"]);
  expect(after.deployment.pending_operations).toEqual([]);
});

it("keeps to the engine's rules for every mix of verdicts: references first, one live entry a URN, nothing undecided lost", () => {
  const names = ["a", "b", "c", "d", "e"];
  const plan = fc.record({
    inState: fc.constantFrom("no", "live", "replacing"),
    outcome: fc.constantFrom("adopted", "forgotten", "cleared", "refused", "kept" as const),
  });
  fc.assert(
    fc.property(fc.tuple(plan, plan, plan, plan, plan), (plans) => {
      const resources: Resource[] = [];
      const decided: Decided[] = plans.map(({ inState, outcome }, index) => {
        const name = names[index] ?? "";
        // Each refers to all before it.
        const dependencies = names.slice(0, index).map(urn);
        const known = dependencies.filter((one) => resources.some((item) => item.urn === one));
        if (inState !== "no") {
          const more = inState === "replacing" ? { pendingReplacement: true } : {};
          resources.push(entry(name, { dependencies: known, ...more }));
        }
        const verdict = outcome === "adopted" ? adopt() : ({ outcome, reason: "" } as Verdict);
        return { operation: create(name, { dependencies }), verdict };
      });
      const before = state(
        resources,
        decided.map(({ operation }) => operation),
      );
      const { state: after } = applyVerdicts(before, decided);
      const seen = new Set<string>();
      for (const item of after.deployment.resources ?? []) {
        for (const one of [...(item.dependencies ?? []), ...(item.parent ? [item.parent] : [])]) {
          expect(seen.has(one)).toBe(true);
        }
        if (seen.has(item.urn)) expect(item.delete).toBe(true);
        seen.add(item.urn);
      }
      for (const { operation, verdict } of decided) {
        const pending = after.deployment.pending_operations?.some((one) => one.resource.urn === operation.resource.urn);
        expect(pending).toBe(["adopted", "refused", "kept"].includes(verdict.outcome));
      }
    }),
  );
});

describe("reading an export", () => {
  it("carries fields that nobody here knows", () => {
    const text = JSON.stringify({ ...state([entry("a", { sourcePosition: "x" } as Partial<Resource>)]), future: 1 });
    expect(JSON.parse(JSON.stringify(parseExport(text, "s")))).toEqual(JSON.parse(text));
  });

  it("refuses another shape by code", () => {
    expect(() => parseExport("{}", "s")).toThrowError(expect.objectContaining({ code: "repair.state" }));
  });
});
