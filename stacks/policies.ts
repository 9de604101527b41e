import * as pulumi from "@pulumi/pulumi";
import { SitefleetError } from "../errors/index.ts";
import { asDeclared } from "../policy/declared.ts";
import { type Context, UNKNOWN } from "../policy/resource.ts";
import { RULES } from "../policy/rules.ts";

/**
 * Holds every resource of this program against the rules of `policy/` before it is registered, in the program's own process: an
 * analyzer process for each engine would cost as much CPU as the engine (docs/adr/0025).
 *
 * @throws SitefleetError `policy.refused`, from the resource's constructor
 */
export function enforcePolicies(context: Context): void {
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    if (type.startsWith("pulumi:")) return undefined;
    const parent = (opts.parent as { readonly __pulumiType?: string } | undefined)?.__pulumiType ?? "";
    const resource = { type, name, props: seen(props), protect: opts.protect === true, parent };
    for (const rule of RULES) {
      const wrong = rule.check(resource, context);
      if (wrong.length === 0) continue;
      throw new SitefleetError({
        code: "policy.refused",
        message: wrong.join("; "),
        subject: `${name} (${rule.id})`,
        hint: rule.instead,
      });
    }
    return undefined;
  });
}

/** An output is known later and may be a secret. */
const seen = (props: unknown) => asDeclared(props, (value) => (pulumi.Output.isInstance(value) ? UNKNOWN : undefined));
