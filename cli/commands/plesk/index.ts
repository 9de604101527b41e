import type { Command } from "commander";
import { registerDatabase } from "./database.ts";
import { registerDeploy } from "./deploy.ts";
import { registerPermissions, registerUnlock } from "./maintenance.ts";
import { registerPlan } from "./plan.ts";
import { registerRollback } from "./rollback.ts";
import { registerReleases, registerStatus } from "./status.ts";

/** `sitefleet plesk …`: the services on their hosts. */
export function registerPlesk(program: Command): void {
  const plesk = program.command("plesk").description("the services on their SSH hosts: look, deploy, go back");
  for (const register of [
    registerStatus,
    registerPlan,
    registerDeploy,
    registerReleases,
    registerRollback,
    registerUnlock,
    registerPermissions,
    registerDatabase,
  ]) {
    register(plesk);
  }
}
