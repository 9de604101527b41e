import { environment, inEnvironment } from "../../environment/index.ts";
import { stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Estate } from "../../operations/kit/estate.ts";
import { newToken, serveLocally } from "../../operations/kit/loopback.ts";
import { perform } from "../../operations/kit/operation.ts";
import { Reader } from "../../operations/overview/read.ts";
import { rolloutAbort } from "../../operations/rollout-abort.ts";
import { rolloutPause } from "../../operations/rollout-pause.ts";
import { dashboardApp } from "./app.ts";
import { pageAssets } from "./assets.ts";
import { Feed } from "./feed.ts";

/** Between two looks, ms: at this machine's directory, and at what machines share, whose lists cost calls. */
const LOOK_MS = { here: 1000, shared: 5000 } as const;

/** How the dashboard is served. */
export interface DashboardOptions {
  /** 0: a free one */
  readonly port: number;
  /** File of hourly requests, for the best window. @default the usual night */
  readonly traffic?: string | undefined;
}

/** A dashboard that is served. */
export interface ServedDashboard {
  /** With the token behind `#`: a browser keeps that to itself. */
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Serves the dashboard on this machine's own address. It holds no lock and carries no run out: ending it, however, disturbs none.
 *
 * @throws SitefleetError `dashboard.port`
 */
export async function serveDashboard(estate: Estate, { port, traffic }: DashboardOptions): Promise<ServedDashboard> {
  const env = { ...(estate.env ?? environment()) };
  const within = <Value>(work: () => Promise<Value>): Promise<Value> => inEnvironment(env, work);
  const token = newToken();
  const { reader, shared } = await within(async () => ({
    reader: new Reader(estate, traffic),
    shared: stateStore() !== undefined,
  }));
  const feed = new Feed({
    read: () => within(() => reader.read({ sites: true })),
    everyMs: shared ? LOOK_MS.shared : LOOK_MS.here,
  });
  const app = dashboardApp({
    token,
    feed,
    assets: await pageAssets(),
    detail: async (host) => (await within(() => reader.read({ site: host }))).site,
    actions: {
      pause: async () => void (await perform(rolloutPause, {}, { estate: { ...estate, env } })),
      // Taking back is work of minutes with credentials: it is handed to the process that carries the rollout out, and never begun here.
      abort: async (keep) =>
        void (await perform(rolloutAbort, { keep, askOnly: true }, { estate: { ...estate, env } })),
    },
  });
  const server = await serveLocally((request) => app.fetch(request), port, "dashboard.port");
  return {
    url: `http://127.0.0.1:${server.port}/#${token}`,
    token,
    async close() {
      feed.close();
      await server.close();
    },
  };
}
