import type { Limits } from "../limits.ts";

/** GitHub's limits. */
export const limits: Limits = {
  places: [
    { id: "github.content-create", methods: ["POST", "PUT", "PATCH"], path: /^\// },
    { id: "github.workflow-token-calls", path: /^\// },
  ],
  // It refuses with 403, not 429, and of a secondary limit only `Retry-After` tells.
  read(info, { status }) {
    const refused = status === 403 && (info.retryInMs !== undefined || info.remaining === 0);
    return { ...info, limited: info.limited || refused };
  },
};
