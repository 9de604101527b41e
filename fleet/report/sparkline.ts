const BARS = "▁▂▃▄▅▆▇█";

/** Values as a line of bars from 0 to the largest; what is not known is a dot. Pure. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const most = Math.max(0, ...values.flatMap((value) => value ?? []));
  const bar = (value: number) => BARS[most === 0 ? 0 : Math.round((value / most) * (BARS.length - 1))] ?? "";
  return values.map((value) => (value === undefined ? "·" : bar(value))).join("");
}
