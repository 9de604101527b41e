import { createHmac, timingSafeEqual } from "node:crypto";
import { SitefleetError } from "../../errors/index.ts";
import type { SpendMessage } from "../billing.ts";

/** Header with the hex HMAC-SHA1 of the body: https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks */
export const SIGNATURE = "x-vercel-signature";

/** See `Billing.readMessage`: https://vercel.com/docs/spend-management */
export function readMessage(body: string | Uint8Array, signature: string | undefined, secret: string): SpendMessage {
  const refused = (message: string) => new SitefleetError({ code: "cost.webhook", message, subject: SIGNATURE });
  if (secret === "") throw refused("there is no secret to check the signature with");
  const expected = createHmac("sha1", secret).update(body).digest();
  const given = Buffer.from(signature ?? "", "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw refused("the signature does not fit");
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString("utf8")) as Record<string, unknown>;
  } catch {
    throw refused("the message is no JSON");
  }
  const { teamId, type, thresholdPercent, budgetAmount, currentSpend } = value ?? {};
  if (typeof teamId !== "string") throw refused("the message names no team");
  if (type === "endOfBillingCycle") return { kind: "cycle-end", team: teamId };
  if (typeof budgetAmount !== "number" || typeof currentSpend !== "number" || type !== undefined)
    throw refused("the message is none that is known");
  // Budgets of before thresholds send none: they report at 100 percent only.
  const percent = typeof thresholdPercent === "number" ? thresholdPercent : 100;
  return { kind: "threshold", team: teamId, percent, budget: budgetAmount, spent: currentSpend };
}
