// What breaks when these fail: a session spends money that it has not, or one whose cost is not known.
import { describe, expect, it } from "vitest";
import { eurosOf } from "../../../mcp/call.ts";
import { DEFAULT_LIMITS, SessionBudget } from "../../../mcp/limits.ts";
import { HOSTING } from "../../../vendors/index.ts";

type ChangeSet = NonNullable<Parameters<typeof eurosOf>[0]>;
const release = {
  group: "release",
  stack: "prod-cell-07",
  op: "update",
  type: HOSTING.type("release"),
  name: "a",
  urn: "u",
  diffs: [],
};
const set = (changes: object[], cost?: object) => ({ changes, cost }) as unknown as ChangeSet;

describe("money of a session", () => {
  it("is what builds cost; what is not known is not nothing", () => {
    expect(eurosOf(set([{ ...release, op: "delete" }]))).toBe(0);
    expect(eurosOf(set([release]))).toBeUndefined();
    expect(eurosOf(set([release], { amount: 2, currency: "USD" }))).toBeUndefined();
    expect(eurosOf(set([release], { amount: 2, currency: "USD", inAccount: { amount: 1.8, currency: "EUR" } }))).toBe(
      1.8,
    );
    expect(eurosOf(undefined)).toBeUndefined();
  });

  it("is taken before a run, given back where nothing was done, and never below none", () => {
    const budget = new SessionBudget({ ...DEFAULT_LIMITS, euros: 5 });
    const back = budget.spend(4);
    expect(() => budget.spend(2)).toThrow(expect.objectContaining({ code: "mcp.budget" }));
    back();
    budget.spend(5);
    expect(() => budget.spend(0.01)).toThrow(expect.objectContaining({ code: "mcp.budget" }));
    expect(() => budget.spend(undefined)).toThrow(expect.objectContaining({ code: "mcp.budget" }));
    expect(budget.used.euros).toBe(5);
  });
});
