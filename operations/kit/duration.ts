import { SitefleetError } from "../../errors/index.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads `90`, `90s`, `30m`, `6h`, `2d` or `1h30m` as seconds. @throws SitefleetError `usage` */
export function readDuration(option: string): (text: string) => number {
  return (text) => {
    const seconds = durationOf(text);
    if (seconds !== undefined) return seconds;
    throw new SitefleetError({
      code: "usage",
      message: `${option} takes a duration like 90s, 30m, 6h or 1h30m, not ${text}`,
    });
  };
}

/** Reads a time as ISO 8601, or a duration from now, as ms since 1970. @throws SitefleetError `usage` */
export function readTime(option: string): (text: string) => number {
  return (text) => {
    const seconds = durationOf(text);
    const at = seconds === undefined ? Date.parse(text) : Date.now() + seconds * 1000;
    if (!Number.isNaN(at)) return at;
    throw new SitefleetError({
      code: "usage",
      message: `${option} takes a time like 2026-11-23T04:00Z or a duration like 6h, not ${text}`,
    });
  };
}

function durationOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) || undefined;
  if (!/^(\d+[smhd])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  return parts.reduce((sum, [, amount, unit = "s"]) => sum + Number(amount) * (UNITS[unit] ?? 1), 0) || undefined;
}

/** `45 s`, `12 min`, `15 h 20 min`, `3 d 4 h`. Pure. */
export function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const two = (large: number, largeUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
  if (minutes < 48 * 60) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}
