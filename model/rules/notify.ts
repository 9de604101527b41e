import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";

/** Receivers can be told apart, and a Slack receiver has one way in. */
export function notifyRules({ notify }: Draft, report: Report): void {
  const names = new Set<string>();
  for (const [index, receiver] of (notify?.value.receivers ?? []).entries()) {
    const at = (field: string) => notify?.at("receivers", index, field) as never;
    const { name, kind } = receiver;
    if (names.has(name)) report("notify.receiver", at("name"), `${show(name)} stands twice`, "a name of its own");
    names.add(name);
    if (kind !== "slack") continue;
    const ways = Number(receiver.webhook !== undefined) + Number(receiver.token !== undefined);
    if (ways !== 1) report("notify.receiver", at("kind"), "names no way in, or two", "either webhook or token");
    if (receiver.token !== undefined && receiver.channel === undefined)
      report("notify.receiver", at("token"), "goes without a channel", "channel: NAME");
  }
}
