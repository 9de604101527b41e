import type { NotifyReceiver } from "../../model/index.ts";

type Quiet = NonNullable<NotifyReceiver["quiet"]>;

const MINUTE = 60_000;

const minutesOf = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
};

/** Minutes since midnight on the clocks of a zone. */
function localMinutes(zone: string, at: number): number {
  const form = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return minutesOf(form.format(at));
}

/** When the quiet hours that a time lies in end, ms since 1970; undefined outside of them. `from` = `to`: none. Pure. */
export function quietUntil({ from, to, zone }: Quiet, now: number): number | undefined {
  const [start, end, local] = [minutesOf(from), minutesOf(to), localMinutes(zone, now)];
  const inside = start <= end ? local >= start && local < end : local >= start || local < end;
  if (!inside) return undefined;
  let at = now - (now % MINUTE) + ((end - local + 1440) % 1440) * MINUTE;
  // Clocks may change on the way: then the end is earlier or later by as much.
  const off = localMinutes(zone, at) - end;
  at -= (off > 720 ? off - 1440 : off < -720 ? off + 1440 : off) * MINUTE;
  // An end that the clocks skip is the next minute that there is.
  return Math.max(at, now + MINUTE);
}
