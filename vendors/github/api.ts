import type { Api } from "../api.ts";

/** Environment variable that leads the provider to another address. */
export const ADDRESS_VARIABLE = "GITHUB_BASE_URL";

/**
 * GitHub's API. Its provider waits limits out as often as it takes and spaces its writes (github/transport.go); besides, its SDK
 * keeps the base URL in the state, where a changing port is a difference.
 */
export const api: Api = {
  variable: ADDRESS_VARIABLE,
  url: "https://api.github.com/",
  endsInSlash: true,
  gateway: false,
  // go-github has no time-out, the stand-in's is 60 s.
  patienceMs: 45_000,
  opening: { shared: ["GET /orgs/*"] },
  // The provider takes any host but GitHub's own for an Enterprise server and puts `/api/v3` before every path; api.github.com has none.
  pathAt(path, origin) {
    if (origin !== "https://api.github.com") return path;
    return path.replace(/^\/api\/v3(?=\/|$)/, "").replace(/^\/api\/graphql/, "/graphql") || "/";
  },
  errorBody: (_status, message) => ({
    message,
    documentation_url: "https://docs.github.com/rest#secondary-rate-limits",
  }),
};
