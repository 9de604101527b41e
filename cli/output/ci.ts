import { appendFileSync } from "node:fs";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import type { CiContinue } from "../../operations/ci/continue.ts";
import type { CiPlan } from "../../operations/ci/plan.ts";
import { formatSeconds } from "../../operations/kit/duration.ts";
import { plural } from "./style.ts";

/** Outputs of a step, as GitHub reads them from a file: a line each. A value holds no line end, or it would be another output. Pure. */
export function outputLines(outputs: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(outputs)
    .map(([name, value]) => `${name}=${String(value).replace(/[\r\n]+/g, " ")}\n`)
    .join("");
}

/** Adds to a file that a CI reads. @throws SitefleetError `file.unwritable` */
export function append(file: string | undefined, text: string): void {
  if (file === undefined || file === "") return;
  try {
    appendFileSync(file, text);
  } catch (cause) {
    const message = `the file cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new SitefleetError({ code: "file.unwritable", message, subject: file, cause });
  }
}

/** What the jobs of a plan are told. Pure. */
export const planOutputs = ({ way, urgent, jobs, maxParallel, matrix }: CiPlan) => ({
  way,
  urgent: urgent.join(","),
  jobs,
  "max-parallel": maxParallel,
  matrix: JSON.stringify(matrix),
});

/** A plan for people. Pure. */
export function planText({ way, reason, stacks, jobs, maxParallel, seconds, notes }: CiPlan): string {
  const spread = way === "cells" ? [`- ${plural(jobs, "job")}, ${maxParallel} at once`] : [];
  return [
    `**${way}**: ${plainLine(reason)}`,
    "",
    `- ${plural(stacks.length, "stack")} differ${stacks.length === 1 ? "s" : ""}`,
    ...spread,
    ...(way === "none" ? [] : [`- takes about ${formatSeconds(seconds)}`]),
    ...notes.map((note) => `- ${plainLine(note)}`),
    "",
  ].join("\n");
}

/** What the jobs that go on are told. Pure. */
export const continueOutputs = ({ rollout, approvals, first, jobs, maxParallel, matrix }: CiContinue) => ({
  rollout: rollout !== undefined,
  approval: JSON.stringify([...new Set(approvals.map(({ operation }) => operation))]),
  first: first ?? "",
  jobs,
  "max-parallel": maxParallel,
  matrix: JSON.stringify(matrix),
});

/** What is not at its end, for people. Pure. */
export function continueText({ runs, rollout, approvals }: CiContinue): string {
  const lines = [
    ...runs.map(
      ({ run, left, reason }) => `- run \`${run}\`: ${plainLine(reason)}; ${plural(left.length, "stack")} left`,
    ),
    ...(rollout ? [`- rollout \`${rollout.id}\`: ${plainLine(rollout.reason)}`] : []),
    ...approvals.map(
      ({ id, operation, digest, does, expires }) =>
        `- \`${plainLine(operation)}\` waits for an approval until ${expires}: ${plainLine(does)}; the line of a review: \`approve ${digest} ${id}\``,
    ),
  ];
  return lines.length === 0 ? "Nothing waits that can be gone on with.\n" : `${lines.join("\n")}\n`;
}
