/** Milliseconds of a day. */
export const DAY = 86_400_000;

/** Whether it is a time within the years that a charge can be of. */
export const isDay = (time: number): boolean => time > Date.UTC(2015, 0, 1) && time < Date.UTC(2100, 0, 1);

/**
 * The day that a charge is of: the date in which its period's middle lies. So a day that begins at 00:00Z, at midnight in
 * California (07:00Z or 08:00Z) or in Vienna (23:00Z of the day before) has the date that its people give it. Of a longer period
 * the first day counts. Pure.
 */
export function dayOf(start: number, end: number): { readonly day: string; readonly boundary: string } {
  const length = Math.min(end - start, DAY);
  return { day: dateOf(start + length / 2), boundary: `${new Date(start).toISOString().slice(11, 16)}Z` };
}

/** YYYY-MM-DD of a time in UTC. Pure. */
export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The date so many days later. Pure. */
export const addDays = (day: string, days: number): string => dateOf(Date.parse(`${day}T00:00:00Z`) + days * DAY);

/** Days from one date to another. Pure. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);

/** The billing cycle that a day lies in, from its first day to the first of the next one. Pure. @param cycleDay 1 to 28 */
export function cycleOf(day: string, cycleDay: number): { readonly from: string; readonly to: string } {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const first = date >= cycleDay ? month - 1 : month - 2;
  return { from: dateOf(Date.UTC(year, first, cycleDay)), to: dateOf(Date.UTC(year, first + 1, cycleDay)) };
}
