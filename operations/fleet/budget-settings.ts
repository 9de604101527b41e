import { SitefleetError } from "../../errors/index.ts";

/** How budgets are kept: see {@link budgetSettings}. */
export interface BudgetSettings {
  readonly off: boolean;
  readonly timeScale: number;
  readonly certificates: boolean;
  readonly buildSeconds?: number;
}

/**
 * Reads SITEFLEET_BUDGET: `off`, or words divided by commas: `on`, `no-certificates`, `time-scale=N` (a rehearsal on limits
 * that are scaled), `build-seconds=N`. Pure.
 *
 * @param text the variable. @default "on"
 * @throws SitefleetError `environment.invalid`
 */
export function budgetSettings(text: string | undefined): BudgetSettings {
  let settings: BudgetSettings = { off: false, timeScale: 1, certificates: true };
  for (const word of (text ?? "on").split(",")) {
    const [name, value = ""] = word.trim().split("=");
    const number = Number(value);
    if (name === "on" || name === "") continue;
    if (name === "off" && value === "") settings = { ...settings, off: true };
    else if (name === "no-certificates" && value === "") settings = { ...settings, certificates: false };
    else if (name === "time-scale" && number > 0) settings = { ...settings, timeScale: number };
    else if (name === "build-seconds" && number > 0) settings = { ...settings, buildSeconds: number };
    else {
      throw new SitefleetError({
        code: "environment.invalid",
        subject: "SITEFLEET_BUDGET",
        message: `does not know ${JSON.stringify(word)}`,
        hint: "off, or some of: on, no-certificates, time-scale=N, build-seconds=N",
      });
    }
  }
  return settings;
}
