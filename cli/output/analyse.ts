import type { z } from "zod";
import type { analyse } from "../../operations/analyse.ts";
import { formatSeconds } from "../../operations/kit/duration.ts";
import { formatTime } from "./plan.ts";
import { forData, plural, table } from "./style.ts";

type Document = z.input<typeof analyse.output>;

const COLOURS = { high: forData.red, medium: forData.yellow, low: forData.green } as const;

/** An analysis as people read it. */
export function renderAnalysis(found: Document): string {
  const parts = [found.text];
  if (found.changes) {
    parts.push(
      table([
        ["risk", COLOURS[found.risk.level](found.risk.level)],
        ["strategy", `${forData.bold(found.strategy.kind)}: ${found.strategy.reason}`],
        ["start", `${formatTime(Date.parse(found.start.at))}: ${found.start.reason}`],
        ["duration", `${formatSeconds(found.seconds)} in ${plural(found.runs, "run")}`],
      ]),
    );
    parts.push(
      found.risk.reasons
        .map(
          ({ level, sentence, evidence }) =>
            `${COLOURS[level](level)}: ${sentence}${evidence.length > 0 ? ` [${evidence.join("; ")}]` : ""}`,
        )
        .join("\n"),
    );
    if (found.waves.length > 0)
      parts.push(
        table([
          ["wave", "sites", "stacks"],
          ...found.waves.map(({ name, sites, stacks }) => [name, sites, stacks.length]),
        ]),
      );
    if (found.verdicts.length > 0)
      parts.push(found.verdicts.map(({ rule, severity, sentence }) => `${severity}: ${rule}: ${sentence}`).join("\n"));
    if (found.commands.length > 0) parts.push(found.commands.join("\n"));
  }
  if (found.notes.length > 0) parts.push(found.notes.map((note) => `note: ${note}`).join("\n"));
  return parts.join("\n\n");
}
