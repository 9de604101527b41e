import { expect, onTestFinished } from "vitest";
import { createContext } from "../../../../sandbox/core/context.ts";
import type { DnsView, VercelSeed } from "../../../../sandbox/core/vendor.ts";
import type { BehaviourInput } from "../../../../sandbox/vercel/behaviour.ts";
import { createVercel, type Vercel } from "../../../../sandbox/vercel/index.ts";

export const TOKEN = "AbcdefghijklmnopqrstuvwX";
export const TEAM = "MarketingFunnelEmpire";
export const SHA_1 = "1".repeat(40);
export const SHA_2 = "2".repeat(40);

/** An answer, read. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
  readonly headers: Headers;
}

/** A Vercel with a clock of its own and a client that speaks for the team. */
export interface Bench {
  readonly vercel: Vercel;
  /** Moves the clock. */
  advance(ms: number): void;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Creates a project linked to a repository, and gives its id. */
  project(name: string, more?: Record<string, unknown>): Promise<string>;
  /** Deploys a commit to production, and gives what a GET answers then. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  deploy(project: string, ref: string, more?: Record<string, unknown>): Promise<any>;
}

/** Makes a {@link Bench}. The clock starts at 1 November 2026, noon UTC. */
export function bench(parts: { seed?: VercelSeed; behaviour?: BehaviourInput; dns?: DnsView } = {}): Bench {
  let now = Date.UTC(2026, 10, 1, 12);
  const vercel = createVercel(
    createContext({
      options: { vercel: parts.seed ?? {} },
      now: () => now,
      ...(parts.dns === undefined ? {} : { dns: parts.dns }),
    }),
  );
  if (parts.behaviour !== undefined) vercel.setBehaviour(parts.behaviour);
  const written = onDisk(vercel);
  onTestFinished(() => written.check());
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const url = new URL(path, "http://127.0.0.1");
    if (!url.searchParams.has("teamId") && !url.searchParams.has("slug")) url.searchParams.set("slug", TEAM);
    const raw = typeof body === "string" || body instanceof Uint8Array;
    const response = await vercel.fetch(
      new Request(url, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    written.check();
    const json = /^application\/json\b/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
  };
  return {
    vercel,
    advance: (ms) => {
      now += ms;
    },
    call,
    async project(name, more = {}) {
      const { status, body } = await call("POST", "/v8/projects", {
        name,
        framework: null,
        gitRepository: { type: "github", repo: "acme/sites" },
        ...more,
      });
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body.id;
    },
    async deploy(project, ref, more = {}) {
      const { status, body } = await call("POST", "/v12/now/deployments?skipAutoDetectionConfirmation=1", {
        project,
        name: project,
        projectSettings: { sourceFilesOutsideRootDirectory: true },
        target: "production",
        gitSource: { type: "github", org: "acme", repo: "sites", ref },
        ...more,
      });
      if (status !== 200) throw new Error(JSON.stringify(body));
      if (body.readyState !== "QUEUED" || body.aliasAssigned) throw new Error("more than queued at once");
      return (await call("GET", `/v13/deployments/${body.id}`)).body;
    },
  };
}

/** What the disk would hold of a Vercel: a snapshot and the changes since. */
function onDisk(vercel: Vercel) {
  let base = "";
  let changes: string[] = [];
  const add = (): void => {
    const more = vercel.changes?.();
    if (more !== undefined) return void changes.push(JSON.stringify(more));
    base = JSON.stringify(vercel.snapshot());
    changes = [];
  };
  add();
  return {
    /** After whatever a test did: a handler that changes a record and does not say so would lose it at the next kill -9. */
    check(): void {
      add();
      const next = createVercel(createContext());
      next.restore(
        JSON.parse(base),
        changes.map((line) => JSON.parse(line)),
      );
      expect(next.snapshot()).toEqual(JSON.parse(JSON.stringify(vercel.snapshot())));
    },
  };
}
