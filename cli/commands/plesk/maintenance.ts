import type { Command } from "commander";
import { permissions, unlockAll } from "../../../plesk/index.ts";
import { prepare } from "../../context.ts";
import { overServices, showOutcomes } from "../../plesk/run.ts";
import { openTargets } from "../../plesk/targets.ts";
import { namedServices, type ServiceOptions, withNamedServices, withServices } from "./options.ts";

/** `sitefleet plesk unlock`: removes locks that are not renewed. */
export function registerUnlock(plesk: Command): void {
  withNamedServices(plesk.command("unlock"))
    .description("remove locks that their holders no longer renew")
    .option("--force", "also one that has not expired: its holder is known to be dead")
    .action(async (options: ServiceOptions & { readonly force?: boolean }, command: Command) => {
      const context = await prepare(command);
      const targets = await openTargets(context, namedServices(options));
      const outcomes = await overServices("unlocking", targets.length, (watch) =>
        unlockAll(targets, { ...watch, force: options.force ?? false }),
      );
      showOutcomes(context, outcomes, {
        head: ["service", "removed", "left, still renewed"],
        rows: ({ service, removed, left }) => [[service, removed.join("; ") || "-", left.join("; ") || "-"]],
      });
    });
}

/** `sitefleet plesk permissions`: modes of the live releases. */
export function registerPermissions(plesk: Command): void {
  withServices(plesk.command("permissions"))
    .description("check the modes of the live releases: files 644 (programs 755), directories 755")
    .option("--repair", "set them right; touches nothing outside the live release")
    .action(async (options: ServiceOptions & { readonly repair?: boolean }, command: Command) => {
      const context = await prepare(command);
      const targets = await openTargets(context, options.service ?? []);
      const repair = options.repair ?? false;
      const outcomes = await overServices("checking", targets.length, (watch) =>
        permissions(targets, { ...watch, repair }),
      );
      showOutcomes(context, outcomes, {
        head: ["service", "wrong", "first of them"],
        rows: ({ service, wrong, paths }) => [[service, wrong, paths.slice(0, 3).join("; ") || "-"]],
        summary: (values) => {
          const wrong = values.reduce((sum, value) => sum + value.wrong, 0);
          return wrong === 0
            ? "all modes are right"
            : `${wrong} wrong${repair ? ", set right" : "; --repair sets them right"}`;
        },
      });
      const wrong = outcomes.some((outcome) => outcome.ok && outcome.value.wrong > 0);
      if (wrong && !repair) process.exitCode ||= 1;
    });
}
