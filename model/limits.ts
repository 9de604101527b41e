import type { Limit, Limits } from "./types.ts";

/**
 * A limit by id. With a plan: that plan's, else the one of plan `any`. Without: the smallest, which is safe on every plan.
 */
export function findLimit(limits: Limits, id: string, plan?: string): Limit | undefined {
  const found = limits.filter((limit) => limit.id === id);
  if (plan !== undefined)
    return found.find((limit) => limit.plan === plan) ?? found.find((limit) => limit.plan === "any");
  return found.reduce<Limit | undefined>(
    (least, limit) => (least && least.amount <= limit.amount ? least : limit),
    undefined,
  );
}
