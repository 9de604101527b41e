import type { Api } from "../api.ts";

/** Environment variable that leads the provider to another address. */
export const ADDRESS_VARIABLE = "CLOUDFLARE_BASE_URL";
/** Where the API is. */
export const API_URL = "https://api.cloudflare.com/client/v4";

/** Cloudflare's API. */
export const api: Api = {
  variable: ADDRESS_VARIABLE,
  url: API_URL,
  gateway: true,
  // cloudflare-go has no time-out, the stand-in's is 60 s.
  patienceMs: 45_000,
  errorBody: (status, message) => ({
    success: false,
    errors: [{ code: status, message }],
    messages: [],
    result: null,
  }),
};
