/** A figure for people, e.g. `1,234.5`. Pure. */
export const number = (value: number, digits = 1): string =>
  value.toLocaleString("en-GB", { maximumFractionDigits: digits });

/** `2 d 3 h`, `4 min 5 s`: the two largest units. Pure. @param seconds from 0 on */
export function duration(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(all / 86_400), "d"],
    [Math.floor(all / 3600) % 24, "h"],
    [Math.floor(all / 60) % 60, "min"],
    [all % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

/** A time of day with its date, UTC. Pure. @param time ISO 8601 */
export const moment = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

/** How long ago, or in how long. Pure. @param time ISO 8601 @param now ISO 8601 */
export function ago(time: string, now: string): string {
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds >= 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/** `3 sites`, `1 site`. Pure. */
export const plural = (count: number, one: string, more = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : more}`;

/** The first characters of a commit. Pure. */
export const short = (commit: string | null | undefined): string => commit?.slice(0, 7) ?? "not known";
