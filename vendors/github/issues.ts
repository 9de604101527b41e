import type { Issues } from "../issues.ts";
import { ADDRESS_VARIABLE, api } from "./api.ts";

/** Issues of a repository: docs.github.com/rest/issues/issues. */
export const issues: Issues = {
  address(repository, env) {
    const base = new URL(env[ADDRESS_VARIABLE] ?? api.url);
    const before = base.pathname.replace(/\/+$/, "");
    const path = `${before.endsWith("/api/v3") ? before : `${before}/api/v3`}/repos/${repository}/issues`;
    return `${base.origin}${api.pathAt?.(path, base.origin) ?? path}`;
  },
  headers: (token) => ({ authorization: `Bearer ${token}`, accept: "application/vnd.github+json" }),
};
