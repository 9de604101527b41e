import { SKEW_PROTECTION } from "../../components/vercel-site/project-plan.ts";
import type { Vendor } from "../vendor.ts";
import { api } from "./api.ts";
import { history } from "./history.ts";
import { hosting } from "./hosting.ts";
import { limits } from "./limits.ts";
import { scan } from "./scan.ts";
import { readMessage, SIGNATURE } from "./spend.ts";
import { TEAM, teamIn } from "./team.ts";
import { types } from "./types.ts";

const SKEW: readonly string[] = ["off", ...SKEW_PROTECTION];

/** Vercel: it builds and serves the sites. */
export const vercel: Vendor = {
  name: "vercel",
  title: "Vercel",
  providers: {
    vercel: {
      again: true,
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
      async make(name, settings) {
        const vercel = await import("@pulumiverse/vercel");
        const team = teamIn(settings);
        return new vercel.Provider(name, team === undefined ? {} : { team });
      },
    },
    // Ours tries again by itself, and its failures are verdicts: a build, a check.
    sitefleet: {
      again: false,
      repeatable: true,
      bundled: true,
      async make(name, settings) {
        const { SitefleetProvider } = await import("../../provider/sdk/release.ts");
        const vercelTeam = teamIn(settings);
        return new SitefleetProvider(name, vercelTeam === undefined ? {} : { vercelTeam });
      },
    },
  },
  settings: [
    {
      key: TEAM,
      hint: "slug of the Vercel team, or `none` for a personal account",
      stacks: ["cell", "shared"],
      required: "always",
    },
    {
      key: "skewProtection",
      hint: "for every project; `off` for a plan of Vercel's without it",
      stacks: ["cell", "shared"],
      check: (value) => (SKEW.includes(value) ? undefined : `is none of ${SKEW.join(", ")}: ${value}`),
    },
  ],
  credentials: {
    variable: "VERCEL_API_TOKEN",
    // terraform-provider-vercel, vercel/provider.go: its own pattern
    check: (token) =>
      /[A-Za-z0-9]{24}/.test(token) ? undefined : "is no token of Vercel: it has no 24 letters and digits in a row",
  },
  account: async () => (await import("./account.ts")).account,
  types,
  scan,
  history,
  others: [
    [/[dD]ns\w*$/, "domain-name"],
    [/EnvironmentVariables?$/, "variable"],
  ],
  api,
  limits,
  hosting,
  billing: {
    team: TEAM,
    // docs/rest-api/billing/list-focus-billing-charges: at most one year.
    longestDays: 365,
    signature: SIGNATURE,
    // Loaded only then: no stack's program needs a client.
    async *charges(...given) {
      yield* (await import("./billing.ts")).charges(...given);
    },
    readMessage,
  },
};
