import { headerNumber, headerText, type Limits } from "../limits.ts";

/** Cloudflare's limits. */
export const limits: Limits = {
  places: [{ id: "cloudflare.api-calls", path: /^\/client\/v4\// }],
  blocks: { "cloudflare.api-calls": "cloudflare.api-block" },
  // `ratelimit` and `ratelimit-policy` (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
  read(info, { headers }) {
    const [policy = "", window = ""] = [headerText(headers, "ratelimit-policy"), headerText(headers, "ratelimit")];
    const seconds = headerNumber(/\bt=(\d+)/.exec(window)?.[1]);
    return {
      ...info,
      amount: info.amount ?? headerNumber(/\bq=(\d+)/.exec(policy)?.[1]),
      remaining: info.remaining ?? headerNumber(/\br=(\d+)/.exec(window)?.[1]),
      resetInMs: info.resetInMs ?? (seconds === undefined ? undefined : seconds * 1000),
    };
  },
};
