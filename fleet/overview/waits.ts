import type { OverviewFacts } from "./facts.ts";
import type { Told } from "./now.ts";
import type { RolloutNow, RunNow, Wait } from "./shape.ts";

/** An approval that was asked for and that a run asked for again stands once. */
interface Asked {
  readonly digest: string;
  readonly how: string;
}

/** Everything that waits for a person, the most urgent first, each with what is to be run. Pure. */
export function waitsOf(
  facts: Pick<OverviewFacts, "incidents" | "requests">,
  told: readonly Told[],
  rollout: RolloutNow | null,
  runs: readonly RunNow[],
): Wait[] {
  return [...incidentWaits(facts), ...rolloutWaitsFor(rollout), ...approvalWaits(facts, told), ...leftRuns(runs)];
}

function incidentWaits({ incidents }: Pick<OverviewFacts, "incidents">): Wait[] {
  return incidents
    .filter(({ state }) => state === "open")
    .map(({ id, rule, sentence, raisedAt }) => ({
      kind: "incident",
      sentence: `${rule}: ${sentence}`,
      command: `sitefleet incident ack ${id}`,
      since: raisedAt,
    }));
}

function rolloutWaitsFor(rollout: RolloutNow | null): Wait[] {
  if (rollout === null) return [];
  const { status, runner, reason, startedAt, waves, asked } = rollout;
  const wave = waves.find(({ step }) => step === "doubtful" || step === "failed");
  const wait = (sentence: string, command: string): Wait[] => [
    { kind: "rollout", sentence, command, since: startedAt },
  ];
  if (status === "paused" && wave)
    return wait(
      `wave ${wave.name} waits for a decision: ${reason || wave.reason}`,
      "sitefleet rollout promote, or sitefleet rollout abort",
    );
  if (status === "paused") return wait(`the rollout is paused: ${reason || "by hand"}`, "sitefleet rollout resume");
  if ((status === "running" || status === "aborting") && runner === null && !asked)
    return wait(
      `no process carries the rollout out, it is ${status}`,
      status === "running" ? "sitefleet rollout resume" : "sitefleet rollout abort",
    );
  return [];
}

function approvalWaits({ requests }: Pick<OverviewFacts, "requests">, told: readonly Told[]): Wait[] {
  const asked = told
    .flatMap(({ streams }) => streams.flatMap(({ entries }) => entries))
    .flatMap((entry): Asked[] =>
      entry.event === "approval-waiting" ? [{ digest: entry.digest, how: entry.how }] : [],
    );
  return requests.map(({ digest, operation, does, notBefore, expires, asks }) => ({
    kind: "approval",
    sentence: `${operation} waits for a signature: ${does} (${asks.map(({ rule }) => rule).join(", ")})`,
    command: asked.findLast((one) => one.digest === digest)?.how ?? `sitefleet approve ${digest}`,
    since: notBefore,
    until: expires,
  }));
}

/** Runs that were killed: what they left is done by the same command. Pure. */
function leftRuns(runs: readonly RunNow[]): Wait[] {
  return runs
    .filter(
      ({ alive, operation, total, done, failed }) =>
        !alive && total > done + failed && done + failed > 0 && !operation.startsWith("rollout"),
    )
    .map(({ operation, total, done, failed, lastAt }) => ({
      kind: "run",
      sentence: `${operation} was cut off with ${total - done - failed} of ${total} stacks left`,
      command: `sitefleet ${operation}`,
      since: lastAt,
    }));
}
