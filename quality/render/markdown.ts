import { describeMeasure, missed } from "../judge.ts";
import type { QualityDocument, QualityResult } from "./document.ts";

/** Findings of one check that a page shows. */
const SHOWN = 10;

/** A run as Markdown. Texts of tools cannot be markup in it. Pure. */
export function renderMarkdown({ at, results }: QualityDocument): string {
  const count = (state: QualityResult["state"]) => results.filter((one) => one.state === state).length;
  const rows = results.map((one) => `| ${nameOf(one)} | ${one.check} | ${one.state} | ${inert(saidOf(one))} |`);
  const open = results.filter(({ state, findings }) => state === "fail" && findings.length > 0);
  return [
    `# Quality of ${at.slice(0, 16).replace("T", " ")} UTC`,
    "",
    `${count("pass")} pass, ${count("fail")} fail, ${count("not-run")} not run.`,
    "",
    "| what | check | state | figures |",
    "|---|---|---|---|",
    ...rows,
    ...open.flatMap(sectionOf),
    "",
  ].join("\n");
}

function sectionOf(one: QualityResult): string[] {
  const lines = one.findings.slice(0, SHOWN).map(({ rule, message, file, line }) => {
    const place = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
    return `* ${inert(`${rule}: ${message}${place}`)}`;
  });
  const more = one.found - lines.length;
  return ["", `## ${nameOf(one)}: ${one.check}`, "", ...lines, ...(more > 0 ? [`* and ${more} more`] : [])];
}

/** `service crm`. Pure. */
export const nameOf = ({ subject: { kind, key } }: Pick<QualityResult, "subject">): string => `${kind} ${key}`;

/** A result in words. Pure. */
export const saidOf = ({ state, reason, measures }: QualityResult): string =>
  state === "not-run"
    ? (reason ?? "")
    : (state === "fail" ? missed(measures) : measures).map(describeMeasure).join(", ");

const inert = (text: string): string => text.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, "\\$&");
