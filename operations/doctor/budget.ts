import { environment } from "../../environment/index.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { stateStore } from "../../fleet/backend/store/state-store.ts";
import { type BudgetStanding, budgetStandings } from "../../fleet/budget/index.ts";
import type { Catalog } from "../../model/index.ts";
import { type Check, check, type Line, ok, warning } from "../../vendors/checkup.ts";

/** A budget that is used to this share is told, percent. */
const NEARLY_USED = 90;

/** Judges what is left of the vendors' budgets, by what earlier runs have used. Pure. @param now ms since 1970 */
export function judgeBudgets(standings: readonly BudgetStanding[], now: number): Line[] {
  const id = "budget";
  const lines = standings.flatMap(({ key, amount, used, held, blockedUntil }): Line[] => {
    if (blockedUntil !== undefined) {
      const minutes = Math.max(1, Math.ceil((blockedUntil - now) / 60_000));
      return [
        warning(
          id,
          `${key}: the vendor refuses all calls for ${minutes} minutes more`,
          `begin after that; sitefleet plan says when`,
        ),
      ];
    }
    if ((used + held) * 100 < amount * NEARLY_USED) return [];
    return [
      warning(id, `${key}: ${used + held} of ${amount} are used`, "sitefleet plan says when there is room again"),
    ];
  });
  return lines.length > 0 ? lines : [ok(id, "room in every budget")];
}

/** What earlier runs have left of the vendors' budgets. */
export function budgetChecks(catalog: Catalog): Check[] {
  const env = environment();
  return [
    check(
      "budget",
      "the budgets",
      async () => budgetStandings(catalog.limits, stateDir(env), await stateStore(env)),
      (standings) => judgeBudgets(standings, Date.now()),
    ),
  ];
}
