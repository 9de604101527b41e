import type { Vendor } from "../vendor.ts";
import { alerts } from "./alerts.ts";
import { api } from "./api.ts";
import { comments } from "./comments.ts";
import { issues } from "./issues.ts";
import { limits } from "./limits.ts";
import { pulls } from "./pulls.ts";
import { reviews } from "./reviews.ts";
import { scan } from "./scan.ts";
import { secrets } from "./secrets.ts";
import { statuses } from "./statuses.ts";
import { types } from "./types.ts";

/** Setting: pause between two writes, ms. GitHub's secondary limit is 80 content-creating calls a minute. */
const WRITE_DELAY = "githubWriteDelayMs";
const DEFAULT_WRITE_DELAY_MS = 1000;

/** GitHub: the environment whose secrets jobs get. */
export const github: Vendor = {
  name: "github",
  title: "GitHub",
  providers: {
    github: {
      again: true,
      refusals: {
        // go-github, ErrorResponse.Error: `POST https://…: 401 Bad credentials []`
        status: /\b(?:GET|POST|PUT|PATCH|DELETE) https?:\/\/\S+: (\d{3})\b/,
        // Its RateLimitError and AbuseRateLimitError end so: their 403 is a wait.
        wait: /\[(?:rate reset in|retry after) |secondary rate limit/i,
      },
      async make(name, settings, { owner }) {
        const github = await import("@pulumi/github");
        const writeDelayMs = Number(settings[WRITE_DELAY] ?? DEFAULT_WRITE_DELAY_MS);
        return new github.Provider(name, { owner, writeDelayMs });
      },
    },
  },
  settings: [
    {
      key: WRITE_DELAY,
      hint: "pause between two writes to GitHub, ms",
      stacks: ["shared"],
      check: (value) => (Number.isFinite(Number(value)) && value.trim() !== "" ? undefined : `is no number: ${value}`),
    },
  ],
  // Its provider asks `gh` as well where that is installed.
  credentials: { variable: "GITHUB_TOKEN", instead: [["GITHUB_APP_ID"]], program: "gh" },
  account: async () => (await import("./account.ts")).account,
  types,
  scan,
  others: [
    [/Secret$/, "secret"],
    [/EnvironmentVariables?$/, "variable"],
  ],
  api,
  issues,
  pulls,
  comments,
  reviews,
  statuses,
  alerts,
  secrets,
  workflows: async () => (await import("./workflows/index.ts")).workflows,
  limits,
};
