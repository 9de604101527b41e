import type { Api } from "../api.ts";

/** Environment variable that leads the provider to another address. */
export const ADDRESS_VARIABLE = "VERCEL_API_URL";
/** Where the API is. */
export const API_URL = "https://api.vercel.com";

/** Vercel's API. */
export const api: Api = {
  variable: ADDRESS_VARIABLE,
  url: API_URL,
  gateway: true,
  // 60 s below the time-out of the provider's client, 5 minutes (client/client.go).
  patienceMs: 240_000,
  opening: { shared: ["GET /v2/teams/*"], cell: ["GET /v2/teams/*"] },
  errorBody: (status, message) => ({ error: { code: status === 429 ? "rate_limited" : "bad_gateway", message } }),
};
