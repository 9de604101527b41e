import type { Command } from "commander";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import type { RunResult } from "../../fleet/run/run.ts";
import { changesOf, succeeded, summarise } from "../../fleet/run/summary.ts";
import { loadCatalog } from "../../model/index.ts";
import { preview } from "../../operations/preview.ts";
import { up } from "../../operations/up.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { sandboxStatus } from "../../sandbox/control.ts";
import { prepare, withCommon } from "../context.ts";
import { showOperation } from "../from-operation.ts";
import { MemoryWatch } from "../output/memory.ts";
import { forPeople, print, printJson, say, table } from "../output/style.ts";
import { renderSummary } from "../output/summary.ts";
import { Teller } from "../output/teller.ts";
import { useSandbox } from "../sandbox.ts";

/** `sitefleet demo`: the whole estate through the real engine, against the sandbox. */
export function registerDemo(program: Command): void {
  withCommon(program.command("demo"))
    .description(
      "bring the whole catalog up in the sandbox with the real engine, then show that a second preview is empty",
    )
    .action(async (_options, command: Command) => {
      const context = await prepare(command);
      const step = (text: string) => say(forPeople.bold(`\n${text}`));
      step("1. Sandbox");
      const info = await useSandbox(context.catalogDir);
      say(`running in ${info.dir}`);
      const sandboxed = { ...context, configFile: environment().SITEFLEET_CONFIG_FILE ?? context.configFile };

      const { parts } = await sandboxStatus({});
      const memory = new MemoryWatch(Object.values(parts).flatMap(({ pid }) => pid ?? []));
      step("2. Update of all stacks (sitefleet --sandbox up --yes)");
      const updated = check((await showOperation(sandboxed, up, {}, new Teller())).value, true);
      say(renderSummary(summarise(updated), true));

      step("3. Second preview (sitefleet --sandbox preview)");
      const second = check((await showOperation(sandboxed, preview, { all: true }, new Teller())).value.run, false);
      say(renderSummary(summarise(second), false));
      if (changesOf(second.results) > 0) {
        throw new SitefleetError({ code: "demo.drift", message: "the second preview is not empty" });
      }

      step("4. What is live");
      const catalog = loadCatalog(context.catalogDir);
      const difference = await compareWithState(info);
      const { counts = {} } = await sandboxStatus({});
      const figures = {
        sites: catalog.sites.length,
        services: catalog.services.length,
        projects: counts.vercel?.projects ?? 0,
        domains: counts.vercel?.domains ?? 0,
        deployments: counts.vercel?.deployments ?? 0,
        records: counts.cloudflare?.records ?? 0,
        secrets: counts.github?.secrets ?? 0,
        stacks: second.results.length,
        upSeconds: Math.round(updated.milliseconds / 1000),
        memoryPeakMiB: Math.round(memory.stop() / 2 ** 20),
        previewSeconds: Math.round(second.milliseconds / 1000),
      };
      const [site, service] = [catalog.sites[0]?.host, catalog.services.find(({ key }) => key === "docs")?.host];
      const addresses = { overview: info.urls.web, control: info.urls.control };
      if (context.json) printJson({ ...figures, ...difference, addresses });
      else {
        print(table([["what", "count"], ...Object.entries(figures)]));
        print(
          `\nstate and inventory: ${difference.compared} objects compared, ${difference.missing.length} missing, ${difference.orphans.length} orphans`,
        );
        print(`\noverview   ${info.urls.web}`);
        const port = new URL(info.urls.web).port;
        for (const host of [site, service])
          if (host) print(`look at    curl -H 'Host: ${host}' http://127.0.0.1:${port}/`);
        print(`inventory  ${new URL("/inventory", info.urls.control)}`);
        print("go on      npx sitefleet --sandbox preview · npx sitefleet sandbox stop");
      }
      if (difference.missing.length + difference.orphans.length > 0) process.exitCode = 1;
    });
}

/** The run, when it succeeded. */
function check<Run extends RunResult>(run: Run, done: boolean): Run {
  if (succeeded(run)) return run;
  say(renderSummary(summarise(run), done));
  throw new SitefleetError({
    code: "demo.failed",
    message: "not every stack succeeded",
    hint: "the messages are above; running the demo again goes on where it stopped",
  });
}
