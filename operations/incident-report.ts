import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { plainLine } from "../errors/plain.ts";
import { type Observation, ofCost, RULE_IDS, type Told, takeObservations } from "../fleet/incidents/index.ts";
import { defaultNotify, readNotify } from "../model/index.ts";
import { tellOf } from "./incident/tell.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { withoutSecretsOf } from "./kit/secrets.ts";
import { keptIn } from "./notify/declared.ts";

/** What another program has seen: the cost of a day, a scanner's finding. */
export const incidentReport = defineOperation({
  name: "incident report",
  summary: "report what another program has seen; raises, keeps or closes the incident of its rule and scope",
  changes: true,
  input: z.object({
    rule: flag(z.enum(RULE_IDS), "--rule <rule>", `what it is: ${RULE_IDS.join(", ")}`),
    scope: flag(
      z.string().regex(/^[\w.@:/-]{1,100}$/),
      "--scope <name>",
      "what it is about: an account, a service, a host",
    ),
    text: flag(z.string().optional(), "--text <text>", "what was seen, in a sentence"),
    euro: flag(z.number().optional(), "--euro <amount>", "cost-spike: euro a day above what is usual", readEuro),
    gone: flag(z.boolean().optional(), "--gone", "the cause is gone: the incident is closed"),
  }),
  events: noEvents,
  output: z.object({ told: z.array(z.object({ id: z.string(), change: z.string(), sentence: z.string() })) }),
  async run({ rule, scope, text, euro, gone }, { estate }): Promise<readonly Told[]> {
    if (euro === undefined ? rule === "cost-spike" && !gone : rule !== "cost-spike")
      throw new SitefleetError({
        code: "usage",
        message: "--euro goes with --rule cost-spike, and that one with it or --gone",
      });
    const { incidents } = readNotify(estate.catalogDir) ?? defaultNotify();
    const sentence = plainLine(withoutSecretsOf(environment())(text ?? (gone ? "the cause is gone" : "reported")));
    const seen: Observation =
      euro === undefined ? { rule, scope, firing: gone !== true, sentence } : ofCost(scope, gone ? 0 : euro, incidents);
    const store = await keptIn();
    const now = Date.now();
    const told = await takeObservations(store, [seen], incidents.repeatMinutes * 60_000, now);
    await tellOf(estate.catalogDir, store, told, now);
    return told;
  },
  document: (told) => ({
    told: told.map(({ change, incident: { id, sentence } }) => ({ id, change, sentence })),
  }),
});

function readEuro(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new SitefleetError({ code: "usage", message: `--euro takes an amount from 0 on, not ${text}` });
}
