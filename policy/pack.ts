import { resolve } from "node:path";
import { PolicyPack, type ResourceValidationArgs, type ResourceValidationPolicy } from "@pulumi/policy";
import { environment } from "../environment/index.ts";
import { loadCatalog } from "../model/index.ts";
import { contextOf } from "./context.ts";
import { asDeclared } from "./declared.ts";
import type { Resource } from "./resource.ts";
import { RULES } from "./rules.ts";

// `pack` starts this for `pulumi preview|up --policy-pack policy/pack`, in this folder.
const ROOT = resolve(import.meta.dirname, "..");
const known = contextOf(loadCatalog(resolve(ROOT, environment().SITEFLEET_CATALOG || "catalog")));

/** What is declared, by URN, as the remediation below saw it: what validates gets secrets unwrapped. */
const declared = new Map<string, Resource["props"]>();

const resourceOf = ({ type, name, urn, props, opts }: ResourceValidationArgs): Resource => ({
  type,
  name,
  props: declared.get(urn) ?? asDeclared(props),
  protect: opts.protect,
  parent: opts.parent?.split("::")[2]?.split("$").at(-1) ?? "",
});

const policies = RULES.map(
  (rule, index): ResourceValidationPolicy => ({
    name: rule.id,
    description: rule.description,
    remediationSteps: rule.instead,
    // Only remediations are told what is a secret. The first rule notes it and changes nothing; its violations count as mandatory.
    enforcementLevel: index === 0 ? "remediate" : "mandatory",
    ...(index === 0
      ? {
          remediateResource({ urn, props }) {
            declared.set(urn, asDeclared(props));
          },
        }
      : {}),
    ...(rule.id === "paid-setting"
      ? { configSchema: { properties: { approved: { type: "array", items: { type: "string" } } } } }
      : {}),
    validateResource(args, report) {
      if (args.type.startsWith("pulumi:")) return;
      const { approved = [] } = args.getConfig<{ approved?: readonly string[] }>();
      const context = { ...known, approved: new Set(approved) };
      for (const wrong of rule.check(resourceOf(args), context)) report(`${wrong}. Instead: ${rule.instead}.`);
    },
  }),
);

new PolicyPack("sitefleet", {
  description: "What no program of this project may declare.",
  policies,
  enforcementLevel: "mandatory",
});
