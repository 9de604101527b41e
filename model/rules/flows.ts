import type { Draft } from "../draft.ts";
import type { Place, Report } from "../problem.ts";
import { show } from "../problem.ts";

/** Flows and pages have names of their own, and are about services that are declared. */
export function flowRules({ flows, services, servicesComplete }: Draft, report: Report): void {
  if (flows === undefined) return;
  const { value } = flows;
  const keys = new Set((services ?? []).map((service) => service.value.key));
  const at = (...path: (string | number)[]): Place => flows.at(...path);
  const known = (service: string, place: Place) => {
    if (servicesComplete && !keys.has(service))
      report("flow.service", place, `${show(service)} is no service`, "the key of a service of services.yaml");
  };
  const unique = (list: readonly { readonly key: string }[], ...path: string[]) => {
    const seen = new Set<string>();
    for (const [index, { key }] of list.entries()) {
      if (seen.has(key))
        report("flow.unique", at(...path, index, "key"), `${show(key)} stands twice`, "a name of its own");
      seen.add(key);
    }
    return seen;
  };
  const named = unique(value.flows, "flows");
  unique(value.visual.pages, "visual", "pages");
  for (const [index, flow] of value.flows.entries()) {
    known(flow.service, at("flows", index, "service"));
    const first = flow.steps[0];
    if (first?.open === undefined)
      report("flow.steps", at("flows", index, "steps"), "do not begin at a page", "open: /path first");
    if (value.mailbox === undefined && flow.steps.some(({ mail }) => mail !== undefined))
      report(
        "flow.mailbox",
        at("flows", index, "steps"),
        "wait for a mail, and there is no mailbox",
        "mailbox: { url: VARIABLE }",
      );
  }
  for (const [index, { service, flow }] of value.visual.pages.entries()) {
    known(service, at("visual", "pages", index, "service"));
    if (flow !== undefined && !named.has(flow))
      report(
        "flow.page",
        at("visual", "pages", index, "flow"),
        `${show(flow)} is no flow`,
        "the key of a flow of this file",
      );
  }
  for (const service of Object.keys(value.staging)) known(service, at("staging", service));
}
