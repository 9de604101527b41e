import type { Vendor } from "../vendor.ts";
import { api } from "./api.ts";
import { limits } from "./limits.ts";
import { types } from "./types.ts";

/** GitHub: the environment whose secrets jobs get. */
export const github: Vendor = {
  name: "github",
  title: "GitHub",
  providers: { github: { again: true } },
  types,
  others: [
    [/Secret$/, "secret"],
    [/EnvironmentVariables?$/, "variable"],
  ],
  api,
  limits,
  refusals: {
    // go-github, ErrorResponse.Error: `POST https://…: 401 Bad credentials []`
    status: /\b(?:GET|POST|PUT|PATCH|DELETE) https?:\/\/\S+: (\d{3})\b/,
    // Its RateLimitError and AbuseRateLimitError end so: their 403 is a wait.
    wait: /\[(?:rate reset in|retry after) |secondary rate limit/i,
  },
};
