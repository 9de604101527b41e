import { plainLine } from "../../errors/plain.ts";
import type { Analysis } from "./analyse.ts";
import type { Touched } from "./parts.ts";

const NAMED = 3;
const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`;
const some = (names: readonly string[]): string =>
  names.length > NAMED ? `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more` : names.join(", ");
const day = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** What a push comes to, in a paragraph, as the rules have decided it. Pure. */
export function tellAnalysis({
  compared,
  level,
  risks,
  plan,
  waves,
  cost,
  asks,
  verdicts,
  approvals,
}: Analysis): string {
  const { touched, code } = compared;
  if (touched.length === 0)
    return code.length === 0
      ? "This push changes nothing that is declared."
      : `This push changes nothing that is declared, but ${count(code.length, "file")} of the program: a preview shows what that does.`;
  const stops = verdicts.filter(({ severity }) => severity === "stop");
  const parts = [...Map.groupBy(touched, ({ part }) => part)].map(([part, list]) => partWords(part, list));
  const sentences = [
    `This push touches ${listed(parts)}.`,
    `The risk is ${level}: ${
      risks
        .map(({ sentence }) => sentence)
        .slice(0, NAMED)
        .join("; ") || "nothing speaks against it"
    }.`,
    `It goes out as ${plan.strategy.kind}: ${plan.strategy.reason}; it starts ${plan.window ? day(plan.startsAt) : "now"} (${plan.startReason}).`,
    ...(waves.length > 1
      ? [`Waves: ${waves.map(({ name, sites }) => `${name} with ${count(sites, "site")}`).join(", ")}.`]
      : []),
    ...(cost?.sentences ?? []).map((sentence) => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`),
    ...(stops.length > 0
      ? [`It is stopped: ${stops.map(({ rule, sentence }) => `${rule} (${sentence})`).join("; ")}.`]
      : []),
    ...(approvals.length > 0 ? [approvalWords(approvals, asks)] : ["No approval is needed."]),
  ];
  return plainLine(sentences.join(" "), 4000);
}

function partWords(part: string, list: readonly Touched[]): string {
  const whys = [...Map.groupBy(list, ({ why }) => why.join(", "))].sort((a, b) => b[1].length - a[1].length);
  const [first] = whys;
  const why =
    first === undefined ? "" : ` (${first[0]}${whys.length > 1 ? `, and ${whys.length - 1} other reasons` : ""})`;
  return `${count(list.length, part)}${why}: ${some(list.map(({ name }) => name))}`;
}

function approvalWords(approvals: Analysis["approvals"], asks: boolean): string {
  const each = approvals.map(({ area, approvals: number, who, rules }) => {
    const people = who.length > 0 ? `of ${who.join(" or ")}` : "that no declared approver can give";
    return `${number === 1 ? "one" : number} ${area} ${people} (${rules.join(", ")})`;
  });
  return asks
    ? `It needs approval: ${each.join("; ")}.`
    : `It would need approval (${approvals.flatMap(({ rules }) => rules).join(", ")}), and no approver is declared.`;
}

const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join("; ")}; and ${parts.at(-1)}`;
