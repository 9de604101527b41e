import { plainLine } from "../../errors/plain.ts";
import type { Message } from "../notify/index.ts";
import { type Active, summaryOf, type Transition } from "./engine.ts";

/** Longest list in a message. */
const LISTED = 10;

/**
 * One message a rule for what has begun to fire, and one for what has ended: a host that goes down with 22 services is one message. All
 * that a rule tells from its first alert to its last recovery is one thread. Pure.
 *
 * @param active what is on now @param now ms since 1970
 */
export function messagesOf(transitions: readonly Transition[], active: readonly Active[], now: number): Message[] {
  const groups = Map.groupBy(transitions, ({ rule, change }) => `${rule.alert} ${change}`);
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [messageOf(first, own, active, now)];
  });
}

function messageOf(
  { rule, change }: Transition,
  own: readonly Transition[],
  active: readonly Active[],
  now: number,
): Message {
  const firing = active.filter(({ alert, firingSince }) => alert === rule.alert && firingSince !== undefined);
  const over = change === "resolved" && firing.length === 0;
  const began = Math.min(...[...firing, ...own.map((one) => one.active)].map((one) => one.firingSince ?? now));
  const lines = own.slice(0, LISTED).map((one) => summaryOf(rule, one.active));
  const state = change === "firing" ? "fires" : over ? "is over" : "is over in part";
  return {
    // The episode: from when its oldest alert began to fire.
    thread: `alert-${rule.alert}-${new Date(began).toISOString()}`,
    topic: rule.severity === "critical" ? "alert" : "warning",
    at: new Date(now).toISOString(),
    title: plainLine(`${rule.severity}: ${rule.alert} ${state}`),
    lines: [
      ...lines.map((line) => plainLine(line)),
      ...(own.length > LISTED ? [`and ${own.length - LISTED} more`] : []),
      ...(change === "resolved" && !over ? [`${firing.length} still fire`] : []),
    ],
    over,
  };
}
