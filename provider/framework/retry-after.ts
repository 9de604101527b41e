/** A `Retry-After` header, in seconds or as a date, in ms from `now`; undefined when there is none. Pure. */
export function retryAfter(value: string | readonly string[] | null | undefined, now: number): number | undefined {
  const text = typeof value === "string" ? value : value?.[0];
  if (text === undefined || text.trim() === "") return undefined;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
