import type { z } from "zod";
import { plainLine } from "../../errors/plain.ts";
import type { DriftFound, drift } from "../../operations/drift.ts";
import { print, say } from "./style.ts";

type Document = z.input<typeof drift.output>;

const TITLES = {
  drift: "changed at the vendor, and no declaration asked for it",
  both: "changed at the vendor and in the declaration",
  unknown: "exists, and nothing declares it",
  declared: "declared and not carried out yet",
  noise: "noise: two spellings of one value",
} as const;

/** Properties of one difference that are shown. */
const SHOWN = 5;

/** Shows what differs. @param noise list it as well */
export function showDrift({ run }: Pick<DriftFound, "run">, document: Document, noise: boolean): void {
  for (const [kind, title] of Object.entries(TITLES)) {
    const found = document.differences.filter((one) => one.class === kind);
    if (found.length === 0) continue;
    print(`${title}: ${found.length}`);
    if (kind === "noise" && !noise) continue;
    for (const one of found) {
      print(`  ${[one.role, plainLine(one.name, 120), one.stack ?? one.vendor].join("  ")}`);
      if (one.op === "update" || one.op === "replace") {
        for (const { path, old = "nothing", new: to = "nothing" } of one.diffs.slice(0, SHOWN))
          print(`    ${path}: live ${plainLine(old, 120)}, declared ${plainLine(to, 120)}`);
        if (one.diffs.length > SHOWN) print(`    … and ${one.diffs.length - SHOWN} more`);
      }
      for (const reason of one.reasons) print(`    ${reason}`);
      for (const { at, who, what } of one.who) print(`    ${at}  ${plainLine(who, 80)}: ${plainLine(what, 120)}`);
      if (one.revert) print(`    revert: ${plainLine(one.revert, 300)}`);
      for (const text of one.takeOver) print(`    or take it over: ${plainLine(text, 300)}`);
    }
  }
  for (const line of document.written) say(`written: ${line}`);
  for (const note of document.notes) say(note);
  for (const { stack, errors } of run.results) for (const error of errors) say(`${stack}: ${error}`);
  const { drift: byHand, both, unknown } = document.counts;
  const calls = Object.entries(document.calls ?? {}).map(([vendor, count]) => `${vendor} ${count}`);
  const all =
    byHand + both + unknown === 0
      ? "everything that is live is as declared"
      : `${byHand + both} by hand, ${unknown} that nothing declares`;
  say(`${all}; ${document.seconds.toFixed(1)} s${calls.length > 0 ? `; calls: ${calls.join(", ")}` : ""}`);
}
