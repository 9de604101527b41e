import { checksOfService } from "../../../fleet/quality/index.ts";
import type { Catalog } from "../../../model/index.ts";
import { type QualityResult, saidOf } from "../../../quality/index.ts";
import { formatSeconds } from "../../kit/duration.ts";
import { keptIn } from "../../notify/declared.ts";
import type { DeclaredQuality, Task } from "../../quality/choose.ts";
import { type IssueOutcome, showMisses } from "../../quality/issue.ts";
import { latestOf } from "../../quality/latest.ts";
import { performTasks } from "../../quality/perform.ts";
import { plannedMeasuring } from "../../quality/planned.ts";
import type { ProofStep } from "./prove.ts";

/** Lighthouse of the services that a deployment has changed, as quality.yaml declares; none where it does not. */
export function lighthouseSteps(catalog: Catalog): ProofStep[] {
  const { quality } = catalog;
  const what = quality?.after.lighthouse ?? "off";
  if (quality === undefined || what === "off") return [];
  const measured = catalog.services.map(({ key }) => key).filter((key) => isMeasured(quality, key));
  if (measured.length === 0) return [];
  // What was deployed is looked at where visitors find it.
  const live = { catalog, quality: { ...quality, services: { ...quality.services, staging: {} } } };
  return [
    {
      name: "Lighthouse",
      takesBack: what === "take-back",
      run: (services, tools) =>
        measure(
          live,
          measured.filter((key) => services.includes(key)),
          tools,
        ),
    },
  ];
}

const isMeasured = (quality: NonNullable<Catalog["quality"]>, key: string): boolean =>
  checksOfService(quality, key).includes("lighthouse");

async function measure(
  declared: DeclaredQuality,
  keys: readonly string[],
  { estate, signal, emit }: Parameters<ProofStep["run"]>[1],
): ReturnType<ProofStep["run"]> {
  if (keys.length === 0) return { state: "pass", sentence: "none of the deployed services is measured" };
  const store = await keptIn();
  const notice = (text: string) => emit({ event: "notice", text: `Lighthouse: ${text}` });
  const tasks = keys.map((key): Task => ({ subject: { kind: "service", key }, check: "lighthouse", services: [key] }));
  const { runs, browsers, seconds } = await plannedMeasuring(store, tasks);
  notice(
    `${keys.length} deployed services, ${runs} runs, ${browsers} browsers at once: about ${formatSeconds(seconds)}`,
  );
  const results = await performTasks(store, declared, tasks, {
    estate,
    signal,
    browsers,
    onEnd: (result) => notice(`${result.subject.key} ${result.state}: ${saidOf(result)}`),
  });
  if (signal.aborted) return { state: "not-run", sentence: "not run, since the run was stopped" };
  if (results.some(({ state }) => state !== "not-run")) {
    const latest = await latestOf(store, declared, results);
    for (const line of issueLines(await showMisses(estate.catalogDir, store, latest, Date.now()))) notice(line);
  }
  return measuredSentence(results);
}

const issueLines = ({ did, url, reason }: IssueOutcome): string[] =>
  did === "none" && reason === undefined ? [] : [`issue ${did} ${reason ?? url ?? ""}`.trimEnd()];

/** What measurements come to: a miss weighs more than what is not known. Pure. */
function measuredSentence(results: readonly QualityResult[]): Awaited<ReturnType<ProofStep["run"]>> {
  const of = (state: QualityResult["state"]) => results.filter((one) => one.state === state);
  const [passed, failed, unknown] = [of("pass"), of("fail"), of("not-run")];
  const sentence = [
    `${passed.length} of ${results.length} services reach the thresholds`,
    ...failed.map((one) => `${one.subject.key}: ${saidOf(one)}`),
    // One reason is often that of all.
    ...[...Map.groupBy(unknown, saidOf)].map(
      ([why, list]) => `not measured: ${list.map(({ subject }) => subject.key).join(", ")} (${why})`,
    ),
  ].join("; ");
  return { state: failed.length > 0 ? "fail" : unknown.length > 0 ? "not-run" : "pass", sentence };
}
