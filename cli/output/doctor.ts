import { type Examined, linesOf } from "../../operations/doctor.ts";
import { forData, plural } from "./style.ts";

/** One line each, with what to type below it where something is wrong; the sum at the end. */
export function renderDoctor(examined: Examined): string {
  const { red, yellow, green, bold } = forData;
  const paint = { ok: green, warning: yellow, fault: red };
  const wide = Math.max(...examined.lines.map(({ id }) => id.length));
  const lines = examined.lines.flatMap(({ id, level, says, todo }) => [
    `${paint[level](level.padEnd(7))}  ${id.padEnd(wide)}  ${says}`,
    ...(todo === undefined ? [] : [`${" ".repeat(9 + wide)}  → ${todo}`]),
  ]);
  const [faults, warnings] = [linesOf(examined, "fault").length, linesOf(examined, "warning").length];
  const sum = `${plural(faults, "fault")}, ${plural(warnings, "warning")} (${examined.seconds.toFixed(1)} s)`;
  return [...lines, "", bold(sum)].join("\n");
}
