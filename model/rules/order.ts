import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";
import { circleOf } from "../service-order.ts";

/** In which order services are brought: after such as there are, and never in a circle. */
export function orderRules(draft: Draft, report: Report): void {
  const services = (draft.services ?? []).map(({ value }) => value);
  const keys = new Set(services.map(({ key }) => key));
  for (const entry of draft.services ?? []) {
    const { key, after = [] } = entry.value;
    for (const [index, earlier] of after.entries()) {
      // A service that is written but not valid has been reported already.
      if (keys.has(earlier) || !draft.servicesComplete) continue;
      const known = [...keys].filter((one) => one !== key).sort();
      report("service.after", entry.at("after", index), `${show(earlier)} is no service`, `one of ${known.join(", ")}`);
    }
    const circle = circleOf(services, key);
    if (circle === undefined) continue;
    const way = circle.join(" after ");
    report("service.after", entry.at("after"), `${way} is a circle`, "an order that begins somewhere");
  }
}
