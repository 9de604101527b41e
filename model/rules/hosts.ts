import type { Draft } from "../draft.ts";
import { type Place, type Report, show } from "../problem.ts";

/** No two sites or services share a host. */
export function hostRules(draft: Draft, report: Report): void {
  const seen = new Map<string, Place>();
  const take = (host: string, place: Place) => {
    const first = seen.get(host);
    if (first === undefined) seen.set(host, place);
    else
      report("name.unique-host", place, `${show(host)} is taken by ${first.file}:${first.line}`, "a host of its own");
  };
  for (const { value, at } of draft.services ?? []) take(value.host, at("host"));
  for (const entry of draft.sites ?? []) take(entry.value.host, entry.at("name"));
}
