import type { Vendor } from "../vendor.ts";
import { api } from "./api.ts";
import { hosting } from "./hosting.ts";
import { limits } from "./limits.ts";
import { types } from "./types.ts";

/** Vercel: it builds and serves the sites. */
export const vercel: Vendor = {
  name: "vercel",
  title: "Vercel",
  // Ours tries again by itself, and its failures are verdicts: a build, a check.
  providers: { vercel: { again: true }, sitefleet: { again: false, repeatable: true } },
  types,
  others: [
    [/[dD]ns\w*$/, "domain-name"],
    [/EnvironmentVariables?$/, "variable"],
  ],
  api,
  limits,
  hosting,
  refusals: {
    // terraform-provider-vercel, client/request.go: `CODE - MESSAGE`, or `error performing API request: STATUS …`
    status: /\bAPI request: (\d{3})\b/,
    code: /(?:^|: )([a-z][a-z0-9]*(?:_[a-z0-9]+)*) - /,
    // The token, and a domain that another account holds: https://vercel.com/docs/rest-api/reference/errors
    permanent: [
      "forbidden",
      "unauthorized",
      "not_authorized",
      "invalid_token",
      "missing_token",
      "team_unauthorized",
      "domain_already_in_use",
      "domain_taken",
      "owned_on_other_team",
    ],
  },
};
