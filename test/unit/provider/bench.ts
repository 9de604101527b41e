import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sitefleet } from "../../../provider/sitefleet.ts";
import { createContext } from "../../../sandbox/core/context.ts";
import { createFaultController, createRequestLog, type FaultConfigInput, serve } from "../../../sandbox/core/index.ts";
import type { BehaviourInput } from "../../../sandbox/vercel/behaviour.ts";
import { createVercel, type Vercel } from "../../../sandbox/vercel/index.ts";
import { TestEngine } from "../providers/engine.ts";

const TOKEN = "AbcdefghijklmnopqrstuvwX";
const TEAM = "MarketingFunnelEmpire";
export const SHA_1 = "1".repeat(40);
export const SHA_2 = "2".repeat(40);

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
type Any = any;

/** The provider between an engine and the sandbox's Vercel, all on loopback. */
export interface Bench {
  readonly vercel: Vercel;
  readonly engine: TestEngine;
  /** `METHOD /path` of every call since the last time, ids as `*`. */
  calls(): string[];
  api(method: string, path: string, body?: unknown): Promise<Any>;
  faults(config: FaultConfigInput): void;
  behave(behaviour: BehaviourInput): void;
  /** A project with the host `<name>.qmoney.de`; its id. */
  project(name: string): Promise<string>;
  /** Commit that a host serves. */
  live(host: string): string | undefined;
  stop(): Promise<void>;
}

/** Makes a {@link Bench}. */
export async function bench(behaviour: BehaviourInput = {}): Promise<Bench> {
  const vercel = createVercel(createContext({}));
  vercel.setBehaviour(behaviour);
  const faults = createFaultController();
  const log = createRequestLog();
  const served = await serve(vercel, { faults, log });
  const web = createServer((request, response) => {
    const bypass = request.headers["x-vercel-protection-bypass"];
    const live = vercel.liveAt(request.headers.host ?? "", { bypass: typeof bypass === "string" ? bypass : undefined });
    response.writeHead(live?.status ?? 404);
    response.end(live?.bodyKind === "site" ? `<p>${live.marker}</p>` : (live?.bodyKind ?? "nothing here"));
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  process.env.SITEFLEET_RESOLVE = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const engine = await TestEngine.start(sitefleet, "sitefleet:vercel:Release", {
    vercelApiToken: TOKEN,
    vercelTeam: TEAM,
    vercelUrl: served.url,
  });
  const api = async (method: string, path: string, body?: unknown): Promise<Any> => {
    const url = new URL(path, "http://127.0.0.1");
    url.searchParams.set("slug", TEAM);
    const response = await vercel.fetch(
      new Request(url, {
        method,
        headers: { authorization: `Bearer ${TOKEN}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    vercel,
    engine,
    calls() {
      const { latest } = log.summary();
      log.clear();
      return latest.map(({ method, path }) => `${method} ${path.replaceAll(/(prj|dpl)_\w+/g, "*")}`);
    },
    api,
    faults: (config) => void faults.set(config),
    behave: (next) => vercel.setBehaviour(next),
    async project(name) {
      const gitRepository = { type: "github", repo: "acme/sites" };
      const { id } = await api("POST", "/v8/projects", { name, framework: null, gitRepository });
      // As the component declares it: a release moves the hosts, nothing else.
      await api("PATCH", `/v9/projects/${id}`, { autoAssignCustomDomains: false });
      await api("POST", `/v10/projects/${id}/domains`, { name: `${name}.qmoney.de` });
      return id;
    },
    live: (host) => vercel.liveAt(host)?.commit,
    async stop() {
      delete process.env.SITEFLEET_RESOLVE;
      await engine.stop();
      await served.close();
      await vercel.close();
      await new Promise((resolve) => web.close(resolve));
    },
  };
}
