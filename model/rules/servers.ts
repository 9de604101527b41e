import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";
import type { LimitOf } from "./limits.ts";
import { pathProblem } from "./paths.ts";

/** What the hosts of services must hold to. */
export function serverRules(draft: Draft, report: Report, limitOf: LimitOf): void {
  const seen = new Map<string, number>();
  for (const { value, at } of draft.hosts ?? []) {
    const first = seen.get(value.key);
    if (first === undefined) seen.set(value.key, at("key").line);
    else report("host.unique", at("key"), `${show(value.key)} is taken in line ${first}`, "a key of its own");
    const wrong = pathProblem(value.root);
    if (wrong) report("host.root", at("root"), wrong[0], wrong[1]);
    const most = limitOf("plesk.ssh-sessions");
    if (value.parallel !== undefined && value.parallel > most) {
      report("host.parallel", at("parallel"), `${value.parallel} services at a time`, `at most ${most}`);
    }
  }
}
