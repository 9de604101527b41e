/** The dashboard: a server on loopback, its page, and snapshots of it. See docs/guides/dashboard.md. */
export { exportTo } from "./server/export.ts";
export { serveDashboard } from "./server/start.ts";
