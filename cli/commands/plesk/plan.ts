import type { Command } from "commander";
import { planLines } from "../../../components/plesk-service/preview.ts";
import { pleskPlan, refusedPlans } from "../../../operations/plesk/plan.ts";
import type { OfServices } from "../../../operations/plesk/services/over.ts";
import type { PlanResult } from "../../../plesk/index.ts";
import { operationCommand } from "../../from-operation.ts";
import { sayFailed } from "../../output/services.ts";
import { plural, print, say } from "../../output/style.ts";
import { runOnServices } from "./service-command.ts";

/** `sitefleet plesk plan`: what a deployment of the built artifacts would do, asked of the hosts alone. */
export function registerPlan(plesk: Command): void {
  operationCommand(plesk.command("plan"), pleskPlan).action(async (_options, command: Command) => {
    await runOnServices(command, pleskPlan, "planning", printPlans);
  });
}

const plansOf = ({ outcomes }: OfServices<PlanResult>) =>
  outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
const changing = ({ outcome, refusals }: PlanResult) => outcome !== "unchanged" || refusals.length > 0;

function printPlans(done: OfServices<PlanResult>): void {
  for (const plan of plansOf(done).filter(changing)) print(`${plan.service}: ${planLines(plan).join("\n  ")}`);
  sayFailed(done.outcomes, done.outcomes.filter(({ ok }) => !ok).length);
  say(figures(done));
}

function figures(done: OfServices<PlanResult>): string {
  const plans = plansOf(done);
  const changed = plans.filter(changing).length;
  return `${plural(changed, "service")} would change, ${plans.length - changed} unchanged, ${refusedPlans(done).length} refused`;
}
