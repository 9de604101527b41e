import { z } from "zod";
import type { Proof } from "./prove.ts";

const text = z.string();

/** What was proven of a deployment, for programs. */
export const proofDocument = z.object({
  ok: z.boolean(),
  reason: text,
  services: z.array(text).describe("those that have another release by this run"),
  flows: text.nullable().describe("id of the flows' run: `sitefleet flows show ID`; null when none was made"),
  steps: z
    .array(z.object({ name: text, state: z.enum(["pass", "fail", "not-run"]), sentence: text, takesBack: z.boolean() }))
    .describe("what else was looked at, e.g. Lighthouse; `takesBack`: a failure takes the services back"),
  takenBack: z
    .object({ ok: z.boolean(), what: text, services: z.array(text) })
    .nullable()
    .describe("null: nothing went back"),
});

/** See {@link proofDocument}. Pure. */
export function documentOfProof({ ok, reason, services, flows, steps, back }: Proof): z.input<typeof proofDocument> {
  return {
    ok,
    reason,
    services: [...services],
    flows: flows?.run ?? null,
    steps: [...steps],
    takenBack: back === undefined ? null : { ok: back.ok, what: back.what, services: [...back.services] },
  };
}
